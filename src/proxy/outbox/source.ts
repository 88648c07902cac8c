import type { Message } from '../../protocol.ts';
import type { Verdict } from './outbox.ts';

/** A message taken from a store for one attempt; its lane is busy until it is settled. */
export interface Flight {
  readonly message: Message;
  readonly lane: string;
  readonly storedAt: number;
  readonly attempt: number;
  /**
   * Marks an increment durably and resolves to `true`; does nothing for others. A rejection means:
   * not to be delivered now.
   */
  begin(): Promise<boolean>;
  /** Frees the lane untried. Never rejects. */
  release(): Promise<void>;
  /** Writes the verdict durably and frees the lane. Never rejects. */
  settle(verdict: Verdict): Promise<void>;
}

/** A store as seen by who carries its messages. */
export interface Source {
  /** Flights that one take is best asked for. */
  readonly batch: number;
  /** Resolves when a message may be due, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** At most so many messages that are due and whose lanes are free, one a lane. */
  take(most: number): Promise<readonly Flight[]>;
}

import type { Message } from '../../protocol.ts';

/** What became of one appended message. */
export type Appended =
  /** Durable now, and new. */
  | 'stored'
  /** Its id was stored within the last 8 days; nothing was written. */
  | 'duplicate'
  /** Not taken and not refused: an outbox without a store could not deliver it now. */
  | 'later'
  /** SendX refused it for good: only an outbox without a store learns that in time. */
  | 'rejected';

/** Why a message stopped being tried. */
export type DeadReason =
  /** SendX answered with a 4xx that a repetition cannot change. */
  | 'rejected'
  /** Older than 7 days. */
  | 'expired'
  /** It holds an increment and nobody knows whether SendX applied it. */
  | 'ambiguous';

/** What one delivery to SendX brought. */
export type Verdict =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'retry';
      /** `message` concerns this lane alone; `upstream` every lane: see {@link Gate}. */
      readonly scope: 'message' | 'upstream';
      /** This lane waits so many milliseconds. */
      readonly afterMs: number;
    }
  | { readonly kind: 'dead'; readonly reason: DeadReason; readonly detail?: string };

/** One message handed out for delivery. */
export interface Delivery {
  readonly message: Message;
  /** Keyed hash of the contact; safe to log. */
  readonly lane: string;
  /** When the message was stored, milliseconds since the epoch by the proxy's clock. */
  readonly storedAt: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted when the outbox closes and its grace has run out. */
  readonly signal: AbortSignal;
}

/** Delivers one message. Never rejects: whatever happens is a verdict. */
export type Deliver = (delivery: Delivery) => Promise<Verdict>;

/** Leave to deliver one message. */
export interface Permit {
  /** Gives the place back, with what the attempt brought; `undefined` when nothing was tried. */
  leave(verdict: Verdict | undefined): void;
}

/**
 * Decides when anything may be delivered at all: concurrency, rate, and the circuit that opens for
 * every lane when SendX is down or refuses the key. An outbox enters before it takes a message, so
 * that nothing is marked as tried while it merely waits for SendX.
 */
export interface Gate {
  /** Resolves when one more delivery may start; rejects when `signal` aborts. */
  enter(signal: AbortSignal): Promise<Permit>;
}

/** Numbers for metrics, readiness and the operator's view. */
export interface OutboxStats {
  /** Stored and not settled, those in flight included. */
  readonly waiting: number;
  /** Age of the oldest of them in milliseconds; 0 when none waits. */
  readonly oldestMs: number;
  readonly inFlight: number;
  readonly dead: number;
}

/** A message that is not tried any more. */
export interface DeadLetter {
  readonly message: Message;
  readonly lane: string;
  readonly reason: DeadReason;
  readonly detail?: string;
  readonly diedAt: number;
  readonly attempts: number;
}

/** Dead letters, for the operator. */
export interface DeadLetters {
  /** Oldest first. @defaultValue limit 100 */
  list(limit?: number): Promise<readonly DeadLetter[]>;
  get(id: string): Promise<DeadLetter | undefined>;
  /** Puts it back at the end of its lane; `false` if there is none by that id. */
  retry(id: string): Promise<boolean>;
  drop(id: string): Promise<boolean>;
}

/**
 * Messages between acceptance and delivery, in lanes: one lane a contact, keyed by a hash of the
 * lower-cased e-mail. After a rename the new address joins the old one's lane.
 *
 * Promises that every adapter with a store keeps:
 * - `append` is all or nothing and resolves once the messages are durable;
 * - an id seen within 8 days is a duplicate, in the same append too;
 * - at most one message of a lane is in flight, and a lane is FIFO through failures;
 * - a message that holds an increment is marked durably before its attempt, so that a crash in
 *   flight makes it a dead letter (`ambiguous`) and never a second attempt.
 */
export interface Outbox {
  /** @throws {OutboxFull} when the quota or the disk is full: nothing was stored. */
  append(messages: readonly Message[]): Promise<readonly Appended[]>;
  /** Delivers until closed; resolves then. Rejects when the store could not be read for a minute. */
  run(deliver: Deliver, gate: Gate): Promise<void>;
  /** No new work; waits for what is in flight, aborts it after `graceMs`; flushes; releases. */
  close(graceMs: number): Promise<void>;
  stats(): Promise<OutboxStats>;
  /** Forgets one contact: waiting, dead and seen. Resolves to how many messages went. */
  erase(email: string): Promise<number>;
  /** The lane of an e-mail, for logs. */
  laneOf(email: string): string;
  readonly dead: DeadLetters;
}

/** The store takes no more: answer 503 with Retry-After and accept nothing. */
export class OutboxFull extends Error {
  override readonly name = 'OutboxFull';
}

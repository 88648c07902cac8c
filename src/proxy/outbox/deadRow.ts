import type { Message } from '../../protocol.ts';
import type { DeadLetter, DeadReason } from './outbox.ts';

/** A dead letter as a store keeps it. */
export interface DeadRow {
  readonly lane: string;
  readonly body: string;
  readonly bytes: number;
  readonly reason: DeadReason;
  readonly detail: string | null;
  /** A string where the driver does not trust a number with 64 bits. */
  readonly died_at: number | string;
  readonly attempts: number;
}

/** The letter that a row holds. */
export function letterOf(row: DeadRow): DeadLetter {
  return {
    message: JSON.parse(row.body) as Message,
    lane: row.lane,
    reason: row.reason,
    ...(row.detail === null ? {} : { detail: row.detail }),
    diedAt: Number(row.died_at),
    attempts: row.attempts,
  };
}

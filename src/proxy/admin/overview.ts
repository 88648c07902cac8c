import type { UpstreamHealth } from '../delivery/upstreamHealth.ts';
import type { LiveOperator } from '../operator/operator.ts';
import type { DeadLetter, OutboxStats } from '../outbox/outbox.ts';
import type { Counts } from './tally.ts';

/** A dead letter without a word of what it says or whom it concerns. */
export interface MaskedLetter extends Omit<DeadLetter, 'message'> {
  readonly id: string;
  readonly type: DeadLetter['message']['type'];
}

/** All that the operator's view shows. */
export interface Overview {
  readonly version: string;
  /** Milliseconds since the epoch, by the clock of all other times in here. */
  readonly now: number;
  readonly outbox: OutboxStats;
  readonly upstream: UpstreamHealth;
  readonly counts: Counts;
  /** Oldest first; `outbox.dead` says how many there are in all. */
  readonly letters: readonly MaskedLetter[];
}

/** Dead letters in one view at most. */
const MAX_LETTERS = 50;

/** What an overview is read from. */
export interface OverviewParts {
  readonly operator: Pick<LiveOperator, 'status' | 'list'>;
  readonly counts: () => Counts;
  /** @defaultValue `Date.now` */
  readonly clock?: () => number;
}

/** Reads the whole view at once. */
export async function readOverview(parts: OverviewParts): Promise<Overview> {
  const { operator, counts, clock = Date.now } = parts;
  const [status, letters] = await Promise.all([operator.status(), operator.list(MAX_LETTERS)]);
  const { version, waiting, oldestMs, inFlight, dead, upstream } = status;
  return {
    version,
    now: clock(),
    outbox: { waiting, oldestMs, inFlight, dead },
    upstream,
    counts: counts(),
    letters: letters.map(mask),
  };
}

function mask({ message, lane, reason, detail, diedAt, attempts }: DeadLetter): MaskedLetter {
  const { id, type } = message;
  return {
    id,
    type,
    lane,
    reason,
    ...(detail !== undefined && { detail }),
    diedAt,
    attempts,
  };
}

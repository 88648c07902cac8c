import type { RefusalCode, Result } from '../../protocol.ts';
import type { DeliveryEvent } from '../delivery.ts';
import type { Telemetry } from '../telemetry.ts';
import { createRecentDeliveries, type RecentDelivery } from './recentDeliveries.ts';

/** What became of messages since the proxy started. */
export interface Counts {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly results: Readonly<Record<Result['status'], number>>;
  /** Refused messages by code; codes without any are absent. */
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>;
  /** What browsers gave up, as they report it. */
  readonly lost: { readonly expired: number; readonly evicted: number };
  readonly delivered: number;
  /** Attempts after which a message waits for another. */
  readonly retried: number;
  /** Newest first. */
  readonly recent: readonly RecentDelivery[];
}

/** {@link Telemetry} that passes everything on and counts what the operator's view shows. */
export interface Tally extends Telemetry {
  /** One attempt to deliver to SendX. */
  delivered(event: DeliveryEvent): void;
  counts(): Counts;
}

/** Counts on the way to `next`. */
export function createTally(
  next: Telemetry & Pick<Tally, 'delivered'>,
  clock: () => number = Date.now,
): Tally {
  const since = clock();
  const recent = createRecentDeliveries(undefined, clock);
  const results = { accepted: 0, duplicate: 0, refused: 0, later: 0 };
  const refusals: Partial<Record<RefusalCode, number>> = {};
  const lost = { expired: 0, evicted: 0 };
  const verdicts = { done: 0, retry: 0, dead: 0 };
  return {
    request: next.request,
    appended: next.appended,
    aborted: next.aborted,
    result(status, code) {
      results[status] += 1;
      if (code !== undefined) refusals[code] = (refusals[code] ?? 0) + 1;
      next.result(status, code);
    },
    lost(report) {
      lost.expired += report.expired;
      lost.evicted += report.evicted;
      next.lost(report);
    },
    delivered(event) {
      verdicts[event.verdict] += 1;
      recent.add(event);
      next.delivered(event);
    },
    counts: () => ({
      since,
      results: { ...results },
      refusals: { ...refusals },
      lost: { ...lost },
      delivered: verdicts.done,
      retried: verdicts.retry,
      recent: recent.list(),
    }),
  };
}

import type { DeliveryEvent } from '../delivery.ts';
import type { Log } from '../log.ts';
import type { UpstreamReason } from './verdict.ts';

/** Logs one attempt: dead messages as warnings, all others for debugging. */
export function logDelivery(log: Log, event: DeliveryEvent): void {
  const { id, lane, type, attempt, ms, verdict, status } = event;
  const code = event.reason ?? event.failure;
  log[verdict === 'dead' ? 'warn' : 'debug']('Delivery', {
    id,
    lane,
    type,
    attempt,
    ms,
    state: verdict,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
  });
}

/** Logs that deliveries wait from now on, and where that is ours to mend, what to look at. */
export function logTrip(log: Log, reason: UpstreamReason): void {
  const event =
    reason === 'unauthorized'
      ? 'Deliveries to SendX wait: it refuses SENDX_API_KEY or SENDX_TEAM_ID'
      : 'Deliveries to SendX wait';
  log.warn(event, { code: reason });
}

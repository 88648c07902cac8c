import type { DeliveryEvent } from '../delivery.ts';
import type { Log } from '../log.ts';

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

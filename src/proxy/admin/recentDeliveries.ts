import type { DeliveryEvent } from '../delivery.ts';

/** One attempt as the operator's view shows it; names nobody. */
export interface RecentDelivery extends DeliveryEvent {
  /** When it ended, milliseconds since the epoch. */
  readonly at: number;
}

/** The last attempts to deliver. */
export interface RecentDeliveries {
  add(event: DeliveryEvent): void;
  /** Newest first. */
  list(): readonly RecentDelivery[];
}

/**
 * Keeps the last attempts in memory.
 *
 * @param size - attempts at most. @defaultValue 50
 */
export function createRecentDeliveries(
  size = 50,
  clock: () => number = Date.now,
): RecentDeliveries {
  const ring: RecentDelivery[] = [];
  return {
    add(event) {
      ring.unshift({ ...event, at: clock() });
      if (ring.length > size) ring.pop();
    },
    list: () => [...ring],
  };
}

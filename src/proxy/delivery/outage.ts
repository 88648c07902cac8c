/** Lanes in a row, at different contacts, that make an outage out of failures of one message. */
export const OUTAGE_LANES = 3;

/** Tells an outage of SendX from a message that SendX chokes on. */
export interface Outage {
  /** SendX gave a usable answer, be it a refusal. */
  heard(): void;
  /** A lane got a 5xx, a timeout or nonsense. Returns whether that makes it an outage. */
  unheard(lane: string): boolean;
}

/**
 * A single 5xx or timeout may be the fault of its message, and then no other lane must wait for it;
 * {@link OUTAGE_LANES} different lanes without one usable answer in between are SendX's fault.
 */
export function createOutage(): Outage {
  const lanes = new Set<string>();
  return {
    heard: () => lanes.clear(),
    unheard: (lane) => {
      if (lanes.size < OUTAGE_LANES) lanes.add(lane);
      return lanes.size >= OUTAGE_LANES;
    },
  };
}

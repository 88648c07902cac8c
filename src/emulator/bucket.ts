/** How many calls SendX is to take. */
export interface RateLimit {
  /** Calls a second in the long run. */
  readonly perSecond: number;
  /** Calls at once after a pause. @defaultValue `perSecond`, at least 1 */
  readonly burst?: number;
}

/** A token bucket. */
export interface Bucket {
  /** Takes one token; else says how many seconds, rounded up, until there is one. */
  take(): { readonly ok: true } | { readonly ok: false; readonly seconds: number };
  /** Fills the bucket. */
  refill(): void;
}

/**
 * Opens a full bucket.
 *
 * @param limit - Absent: every call is let through.
 * @param clock - Milliseconds since the epoch.
 */
export function createBucket(limit: RateLimit | undefined, clock: () => number): Bucket {
  if (!limit) return { take: () => ({ ok: true }), refill() {} };
  const { perSecond, burst = Math.max(1, perSecond) } = limit;
  let tokens = burst;
  let at = clock();
  return {
    take() {
      const now = clock();
      tokens = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond);
      at = now;
      if (tokens < 1) return { ok: false, seconds: Math.ceil((1 - tokens) / perSecond) };
      tokens -= 1;
      return { ok: true };
    },
    refill() {
      tokens = burst;
    },
  };
}

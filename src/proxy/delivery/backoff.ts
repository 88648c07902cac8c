/** First bound of a wait, in milliseconds; doubled by every attempt. */
export const BACKOFF_BASE_MS = 1_000;

/** Bound of a wait, in milliseconds (5 min): after an outage no lane waits longer than that. */
export const BACKOFF_CAP_MS = 5 * 60 * 1_000;

/** Milliseconds (1 h) of a `Retry-After` that are obeyed; a slip of its unit must not last days. */
export const RETRY_AFTER_CAP_MS = 60 * 60 * 1_000;

/**
 * How long to wait before the next attempt: as long as SendX said, else 1 s · 2ⁿ with full jitter.
 *
 * @param attempt - 1 after the first attempt.
 * @param random - in [0, 1).
 * @returns milliseconds.
 */
export function backoff(attempt: number, random: () => number, retryAfterMs?: number): number {
  // A `Retry-After` of 0 names no time: without a pause of our own it would be a tight loop.
  if (retryAfterMs !== undefined && retryAfterMs > 0) {
    return Math.min(retryAfterMs, RETRY_AFTER_CAP_MS);
  }
  const bound = Math.min(BACKOFF_BASE_MS * 2 ** (attempt - 1), BACKOFF_CAP_MS);
  return Math.round(random() * bound);
}

/** Bound of the gate's cool-down, in milliseconds (60 s): one probe a minute harms nobody. */
export const COOL_DOWN_CAP_MS = 60 * 1_000;

/**
 * How long every lane waits before one message probes SendX again: 1 s · 2ⁿ, of which half is fixed
 * so that the pause is one, and half is random so that several proxies do not probe together.
 *
 * @param level - cool-downs in a row before this one.
 * @param random - in [0, 1).
 * @returns milliseconds.
 */
export function coolDown(level: number, random: () => number): number {
  const bound = Math.min(BACKOFF_BASE_MS * 2 ** level, COOL_DOWN_CAP_MS);
  return Math.round(bound / 2 + (random() * bound) / 2);
}

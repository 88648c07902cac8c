import type { Rate } from '../policy/rate.ts';

const WINDOW_SECONDS = 60;

/** Keys counted at the same time, about 100 bytes each; beyond that all counts start anew. */
const MAX_KEYS = 20_000;

/**
 * A rate of `perMinute` counts, in windows that start with a key's first count. It knows of this
 * isolate alone: a flood that Cloudflare spreads over many of them is for Cloudflare's own rules.
 *
 * @param perMinute - 0 means no limit.
 */
export function createWindowRate(perMinute: number, clock: () => number = Date.now): Rate {
  const windows = new Map<string, { readonly endsAt: number; count: number }>();
  return async (key) => {
    const now = clock();
    const known = windows.get(key);
    const isCurrent = known !== undefined && now < known.endsAt;
    if (!isCurrent && windows.size >= MAX_KEYS) windows.clear();
    const window = isCurrent ? known : { endsAt: now + WINDOW_SECONDS * 1_000, count: 0 };
    windows.set(key, window);
    window.count += 1;
    if (perMinute === 0 || window.count <= perMinute) return undefined;
    return { waitMs: window.endsAt - now, limit: perMinute, windowSeconds: WINDOW_SECONDS };
  };
}

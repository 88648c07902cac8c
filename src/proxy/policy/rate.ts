import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** A limit that was passed. */
export interface Excess {
  /** Milliseconds until the key may be counted again. */
  readonly waitMs: number;
  readonly limit: number;
  readonly windowSeconds: number;
}

/**
 * Counts something for `key`; resolves to the {@link Excess} when it was too much.
 *
 * @param further - so many more, after one that was counted by itself. What no fresh limit could
 *   hold is cut to what it can, or it would never pass.
 */
export type Rate = (key: string, further?: number) => Promise<Excess | undefined>;

/** Never too much. */
export const unlimited: Rate = () => Promise.resolve(undefined);

/** Rates are per minute, in windows that start with a key's first count. */
export const WINDOW_SECONDS = 60;

/**
 * Keys that are counted one by one within a window; further ones share {@link SHARED_BUDGETS}.
 * About 300 bytes and a timer each: a flood of addresses costs 30 MB at most.
 */
const MAX_KEYS = 100_000;

/** Budgets that the keys beyond {@link MAX_KEYS} share by their hash. */
const SHARED_BUDGETS = 4096;

/**
 * A {@link Rate} of `perMinute` counts held in memory.
 *
 * @param perMinute - 0 means no limit.
 */
export function createMemoryRate(
  perMinute: number,
  clock: () => number = Date.now,
  maxKeys: number = MAX_KEYS,
): Rate {
  if (perMinute === 0) return unlimited;
  const limiter = new RateLimiterMemory({ points: perMinute, duration: WINDOW_SECONDS });
  const budgetOf = createBudgets(clock, maxKeys);
  return (key, further) => consume(limiter, budgetOf(key), further, unlimited);
}

/**
 * Counts `key` by a limiter of whichever store.
 *
 * @param spare - counts where the limiter fails, which must not stop the visitors.
 */
export async function consume(
  limiter: RateLimiterAbstract,
  key: string,
  further: number | undefined,
  spare: Rate,
): Promise<Excess | undefined> {
  try {
    await limiter.consume(key, Math.min(further ?? 1, limiter.points - (further ? 1 : 0)));
    return undefined;
  } catch (rejection) {
    if (!(rejection instanceof RateLimiterRes)) return spare(key, further);
    const waitMs = Math.max(rejection.msBeforeNext, 1);
    return { waitMs, limit: limiter.points, windowSeconds: WINDOW_SECONDS };
  }
}

/** The limiter forgets a key one window after its first count, so two generations live at most. */
function createBudgets(clock: () => number, maxKeys: number): (key: string) => string {
  let known = new Set<string>();
  let since = clock();
  return (key) => {
    const now = clock();
    if (now - since >= WINDOW_SECONDS * 1000 || now < since) {
      known = new Set();
      since = now;
    }
    if (known.has(key)) return key;
    if (known.size >= maxKeys) return `shared ${hash(key) % SHARED_BUDGETS}`;
    known.add(key);
    return key;
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

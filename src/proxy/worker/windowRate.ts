import type { Rate } from '../policy/rate.ts';
import { sipHash } from './sipHash.ts';

const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1_000;

/** Keys counted one by one within a window, about 100 bytes each; the rest share {@link SHARED}. */
const MAX_KEYS = 20_000;

/** Counts that the keys beyond {@link MAX_KEYS} share by their hash, so that none starts anew. */
const SHARED = 4_096n;

/** Not secret: a flood that fills the keys fills the shared counts too, whichever it aims at. */
const HASH_KEY = [0n, 0n] as const;

interface Window {
  readonly endsAt: number;
  count: number;
}

/**
 * A rate of `perMinute` counts, in windows that start with a key's first count. It knows of this
 * isolate alone: a flood that Cloudflare spreads over many of them is for Cloudflare's own rules.
 *
 * @param perMinute - 0 means no limit.
 */
export function createWindowRate(
  perMinute: number,
  clock: () => number = Date.now,
  maxKeys: number = MAX_KEYS,
): Rate {
  if (perMinute === 0) return async () => undefined;
  const windows = new Map<string, Window>();
  const shared = new Map<string, Window>();
  return async (key, further) => {
    const now = clock();
    dropEnded(windows, now);
    const isOwn = windows.has(key) || windows.size < maxKeys;
    const window = isOwn ? open(windows, key, now) : open(shared, sharedKey(key), now);
    window.count += further === undefined ? 1 : Math.min(further, perMinute - 1);
    if (window.count <= perMinute) return undefined;
    return { waitMs: window.endsAt - now, limit: perMinute, windowSeconds: WINDOW_SECONDS };
  };
}

/** A clock that was set back ends a window too. */
const isOver = ({ endsAt }: Window, now: number): boolean =>
  endsAt <= now || endsAt > now + WINDOW_MS;

/** The oldest come first. */
function dropEnded(windows: Map<string, Window>, now: number): void {
  for (const [key, window] of windows) {
    if (!isOver(window, now)) return;
    windows.delete(key);
  }
}

function open(windows: Map<string, Window>, key: string, now: number): Window {
  const known = windows.get(key);
  if (known !== undefined && !isOver(known, now)) return known;
  const window = { endsAt: now + WINDOW_MS, count: 0 };
  windows.delete(key);
  windows.set(key, window);
  return window;
}

const encoder = new TextEncoder();

const sharedKey = (key: string): string => `${sipHash(HASH_KEY, encoder.encode(key)) % SHARED}`;

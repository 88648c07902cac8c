import { AsyncLocalStorage } from 'node:async_hooks';
import { onTestFinished, vi } from 'vitest';

/** Longest delay of a browser's timer, in milliseconds; a longer one fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The timers of all pages of a site, and a wall clock beside them that may be set. */
export interface Clock {
  /** What the visitor's clock shows, in milliseconds since the epoch. */
  now(): number;
  /** Sets the visitor's clock ahead, or back; no timer notices. */
  set(ms: number): void;
  /** Lets time pass, and whatever each timer starts run its course before the next is due. */
  pass(ms: number): Promise<void>;
  /** Runs `action` as `page`, whose timers all that it starts will be. */
  as<T>(page: object, action: () => T): T;
  /** Ends a page: none of its timers fires any more. */
  end(page: object): void;
  /** Timers that are waiting. */
  pending(): number;
}

/** Lets every promise that can be settled run its course. */
export const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes over `setTimeout` and `clearTimeout` until the test ends. */
export function createClock(start: number): Clock {
  const pages = new AsyncLocalStorage<object>();
  const timers = new Map<unknown, { at: number; page: object | undefined; run: () => void }>();
  let elapsed = 0;
  let offset = start;

  vi.stubGlobal('setTimeout', (run: () => void, ms = 0) => {
    const timer = {};
    const delay = ms > 0 && ms <= MAX_DELAY_MS ? ms : 0;
    timers.set(timer, { at: elapsed + delay, page: pages.getStore(), run });
    return timer;
  });
  vi.stubGlobal('clearTimeout', (timer: unknown) => timers.delete(timer));
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });

  return {
    now: () => Math.floor(offset + elapsed),
    set: (ms) => {
      offset += ms;
    },
    async pass(ms) {
      const end = elapsed + ms;
      await idle();
      for (;;) {
        const [next] = [...timers].sort(([, one], [, other]) => one.at - other.at);
        if (!next || next[1].at > end) break;
        const [timer, { at, page, run }] = next;
        timers.delete(timer);
        elapsed = Math.max(elapsed, at);
        pages.run(page as object, run);
        await idle();
      }
      elapsed = end;
    },
    as: (page, action) => pages.run(page, action),
    end: (page) => {
      for (const [timer, owner] of timers) if (owner.page === page) timers.delete(timer);
    },
    pending: () => timers.size,
  };
}

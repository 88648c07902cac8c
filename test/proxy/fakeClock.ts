import type { Clock } from '../../src/proxy/outbox/clock.ts';

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on, and lets what each timer starts run before the next is due. */
  advance(ms: number): Promise<void>;
}

/** Lets every promise that is settled run its course. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createFakeClock(start = 0): FakeClock {
  const timers = new Map<object, { readonly at: number; readonly callback: () => void }>();
  let now = start;

  return {
    now: () => now,
    elapsed: () => now,
    after(ms, callback) {
      const timer = {};
      timers.set(timer, { at: now + ms, callback });
      return () => timers.delete(timer);
    },
    async advance(ms) {
      await settled();
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
        if (next === undefined || next[1].at > end) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].callback();
        await settled();
      }
      now = end;
      await settled();
    },
  };
}

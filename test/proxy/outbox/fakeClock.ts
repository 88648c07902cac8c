import type { Clock } from '../../../src/proxy/outbox/clock.ts';

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Lets time pass and fires the timers due, in order. */
  pass(ms: number): void;
  /** Sets the wall clock forward or back. */
  set(byMs: number): void;
}

export function fakeClock(start = 1_800_000_000_000): FakeClock {
  let elapsed = 0;
  let wall = start;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => wall,
    elapsed: () => elapsed,
    after(ms, callback) {
      const timer = { at: elapsed + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      elapsed += ms;
      wall += ms;
      const due = [...timers].filter(({ at }) => at <= elapsed).toSorted((a, b) => a.at - b.at);
      for (const timer of due) if (timers.delete(timer)) timer.callback();
    },
    set(byMs) {
      wall += byMs;
    },
  };
}

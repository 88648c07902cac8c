import { type Clock, systemClock } from '../../../src/proxy/outbox/clock.ts';

/** The machine's clock, which a test may set and whose passing time it may hurry. */
export interface ShiftedClock extends Clock {
  /** Sets the wall clock forward or back, like an operator. */
  set(byMs: number): void;
  /** Lets time pass; timers that were started before do not notice. */
  pass(ms: number): void;
}

export function shiftedClock(): ShiftedClock {
  let set = 0;
  let passed = 0;
  return {
    now: () => Math.floor(systemClock.now() + set + passed),
    elapsed: () => systemClock.elapsed() + passed,
    after: systemClock.after,
    set(byMs) {
      set += byMs;
    },
    pass(ms) {
      passed += ms;
    },
  };
}

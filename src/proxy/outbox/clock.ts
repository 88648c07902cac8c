/** Time as an outbox needs it; an argument so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. Jumps when an operator or NTP sets the machine's clock. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  elapsed(): number;
  /** Calls `callback` once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

// setTimeout fires at once when asked for more: its delay is a signed 32-bit integer.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

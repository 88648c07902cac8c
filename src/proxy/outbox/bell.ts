import type { Clock } from './clock.ts';

/** Wakes who waits for something to become due. */
export interface Bell {
  /** Ends the wait under way, if there is one. */
  ring(): void;
  /** Resolves when it rings, after `ms` milliseconds if told so, or when `signal` aborts. */
  wait(ms: number | undefined, signal: AbortSignal): Promise<void>;
}

/** A bell for one who waits at a time. */
export function createBell(clock: Pick<Clock, 'after'>): Bell {
  let wake = () => {};
  return {
    ring: () => wake(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const cancel = ms === undefined ? () => {} : clock.after(ms, go);
        function go(): void {
          cancel();
          signal.removeEventListener('abort', go);
          wake = () => {};
          resolve();
        }
        wake = go;
        signal.addEventListener('abort', go);
      }),
  };
}

import { createBell } from '../bell.ts';
import type { Clock } from '../clock.ts';

/** Whether a look into the database may find a job that is due. */
export interface Readiness {
  /** It may, from now on. */
  notify(): void;
  /** It may, after `ms` milliseconds; where that is long, looking now and then finds it. */
  notifyAfter(ms: number): void;
  /** Called before a look: only what is notified from then on calls for another. */
  reset(): void;
  /** Resolves when a look is worth it, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
}

// Messages that other proxies stored are found by looking; our own appends wake us at once.
const POLL_MS = 1_000;

/** Ready for the first look. */
export function createReadiness(clock: Clock): Readiness {
  const bell = createBell(clock);
  let isReady = true;

  function notify(): void {
    isReady = true;
    bell.ring();
  }

  return {
    notify,
    notifyAfter(ms) {
      if (ms < POLL_MS) clock.after(ms, notify);
    },
    reset() {
      isReady = false;
    },
    async ready(signal) {
      if (!isReady) await bell.wait(POLL_MS, signal);
    },
  };
}

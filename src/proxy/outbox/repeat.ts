import type { Clock } from './clock.ts';

/**
 * Runs `work` every `ms` milliseconds, counted from the end of the run before. Nobody is told of a
 * run that fails: the next one makes up for it.
 *
 * @returns stops it, and aborts the signal of a run under way.
 */
export function repeat(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: (stopped: AbortSignal) => Promise<void>,
): () => void {
  const stop = new AbortController();
  let cancel = clock.after(ms, turn);

  function turn(): void {
    void work(stop.signal)
      .catch(() => {})
      .finally(() => {
        if (!stop.signal.aborted) cancel = clock.after(ms, turn);
      });
  }

  return () => {
    stop.abort();
    cancel();
  };
}

/** How work under a deadline ended. */
export type Ended<T> =
  | { readonly kind: 'settled'; readonly value: T }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

/**
 * Runs `work` until it settles, `ms` milliseconds have passed, or `outer` aborts. Ends then even if
 * `work` takes no notice of its signal, as a `fetch` given by the caller may.
 *
 * @throws whatever `work` rejects with before its end.
 */
export function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  outer?: AbortSignal,
): Promise<Ended<T>> {
  const inner = new AbortController();
  const ended = new Promise<Ended<T>>((resolve, reject) => {
    const stop = (kind: 'timeout' | 'aborted') => {
      release();
      resolve({ kind });
      inner.abort();
    };
    const onAbort = () => stop('aborted');
    const timer = setTimeout(stop, ms, 'timeout');
    const release = () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    };
    outer?.addEventListener('abort', onAbort);
    work(inner.signal).then(
      (value) => {
        release();
        resolve({ kind: 'settled', value });
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
  return ended;
}

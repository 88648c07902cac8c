import type { Outbox } from './outbox.ts';

/** Milliseconds that one failed append speaks against the store, unless one succeeds before. */
const MEMORY_MS = 10_000;

/** An append that remembers whether the store takes messages. */
export interface StoreWatch {
  readonly append: Outbox['append'];
  /** Why the store is not fit to take messages, or `undefined`. */
  fault(): string | undefined;
}

/**
 * Watches `outbox`'s appends for readiness: visitors show better than any probe whether messages
 * can be written. It forgets a failure soon, or a proxy that gets no visitors any more because it
 * was not ready would never be ready again.
 */
export function watchStore(
  outbox: Pick<Outbox, 'append'>,
  clock: () => number = Date.now,
): StoreWatch {
  let failedAt: number | undefined;
  return {
    async append(messages) {
      try {
        const appended = await outbox.append(messages);
        failedAt = undefined;
        return appended;
      } catch (error) {
        failedAt = clock();
        throw error;
      }
    },
    fault: () =>
      failedAt !== undefined && clock() - failedAt < MEMORY_MS
        ? 'the store takes no messages'
        : undefined,
  };
}

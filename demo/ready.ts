import { setTimeout as wait } from 'node:timers/promises';

/** Pause in milliseconds between two questions. */
const PAUSE_MS = 50;

/**
 * Resolves once a server answers with a status below 400.
 *
 * @param url - What to ask, again and again.
 * @param signal - Ends the asking; the promise then rejects with the signal's reason.
 */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    // A refused connection is the normal answer of a program that is still starting.
    const answer = await fetch(url, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    signal.throwIfAborted();
    if (answer?.ok) return;
    await wait(PAUSE_MS, undefined, { signal });
  }
}

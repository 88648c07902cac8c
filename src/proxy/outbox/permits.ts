import type { Gate, Permit } from './outbox.ts';

/**
 * Enters a gate: waits for the first permit and takes up to `most` that can be had at once.
 * Resolves to none when `signal` aborts first.
 */
export async function enterAll(
  gate: Gate,
  most: number,
  signal: AbortSignal,
): Promise<readonly Permit[]> {
  const first = await gate.enter(signal).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (first === undefined) return [];
  const permits = [first];
  while (permits.length < most) {
    const next = await enterNow(gate);
    if (next === undefined) break;
    permits.push(next);
  }
  return permits;
}

/** A permit if there is one without waiting. */
async function enterNow(gate: Gate): Promise<Permit | undefined> {
  const controller = new AbortController();
  const entering = gate.enter(controller.signal);
  const turn = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  const permit = await Promise.race([entering, turn]);
  if (permit !== undefined) return permit;
  controller.abort();
  // It may have been granted in the very turn that gave it up.
  entering.then(
    (late) => late.leave(undefined),
    () => {},
  );
  return undefined;
}

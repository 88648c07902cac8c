/** Deliveries at a time: the default of `SENDX_MAX_CONCURRENCY`. */
const CONCURRENCY = 8;

/** Calls a second that loops of `fetch` make, each waiting for its answer. */
export async function callLoop(url: string, ms: number): Promise<number> {
  const from = performance.now();
  const body = JSON.stringify({ email: 'jane@example.com', addTags: ['newsletter'] });
  let count = 0;
  const worker = async () => {
    for (; performance.now() - from < ms; count += 1)
      await (await fetch(url, { method: 'POST', body })).json();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return count / ((performance.now() - from) / 1_000);
}

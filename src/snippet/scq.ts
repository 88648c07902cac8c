/** `['identify', {…}]` or `['track', {…}]`, as SendX's own snippet takes them. */
const isCall = (entry: unknown): entry is unknown[] =>
  /^(identify|track)$/.test((entry as unknown[] | undefined)?.[0] as string);

/**
 * Serves `_scq.push(['identify', {…}])`: replays what was pushed in order and takes `push` over.
 * Two unrelated vendors use the same global: an `_scq` that holds anything else is left alone.
 *
 * @throws Where `_scq` is no array, or holds no arrays.
 */
export function adoptScq(page: { _scq?: unknown }, handle: (call: unknown[]) => void): void {
  page._scq ||= [];
  const queue = page._scq as unknown[];
  if (!queue.every(isCall)) return;
  // A handler may push more meanwhile.
  for (const call of queue) handle(call);
  const { push } = queue;
  queue.push = (...entries) => {
    entries.filter(isCall).forEach(handle);
    return push.apply(queue, entries);
  };
}

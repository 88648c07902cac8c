/** Names in use, each for a bounded time. */
export interface Leases {
  /**
   * Takes all names or none.
   *
   * @returns gives them back; `undefined` if one of them is taken.
   */
  take(names: ReadonlySet<string>, now: number): (() => void) | undefined;
}

/**
 * Makes leases of `ms` milliseconds. They end by themselves because a Worker can be ended in the
 * middle of a request, and then nothing gives them back.
 */
export function createLeases(ms: number): Leases {
  const until = new Map<string, number>();
  return {
    take(names, now) {
      const taken = [...names];
      if (taken.some((name) => (until.get(name) ?? now) > now)) return undefined;
      for (const name of taken) until.set(name, now + ms);
      return () => {
        for (const name of taken) if (until.get(name) === now + ms) until.delete(name);
      };
    },
  };
}

/** How a message ended. */
export type Ending = 'stored' | 'rejected';

/** The ids that ended lately. */
export interface Recent {
  get(id: string): Ending | undefined;
  add(id: string, lane: string, ending: Ending): void;
  /** Forgets the ids of one lane. */
  forget(lane: string): void;
}

/**
 * Remembers the latest endings, the oldest leaving first.
 *
 * @param max - ids at most, about 100 bytes each.
 */
export function createRecent(max: number): Recent {
  const endings = new Map<string, { readonly lane: string; readonly ending: Ending }>();
  return {
    get: (id) => endings.get(id)?.ending,
    add(id, lane, ending) {
      endings.set(id, { lane, ending });
      const [oldest] = endings.keys();
      if (endings.size > max && oldest !== undefined) endings.delete(oldest);
    },
    forget(lane) {
      for (const [id, entry] of endings) if (entry.lane === lane) endings.delete(id);
    },
  };
}

import type { Database } from './database.ts';

/** Ids that were stored, for as long as a page may send them again. */
export interface Seen {
  /** Whether it was seen at `since` or later, in the store's time. */
  has(id: string, since: number): boolean;
  add(id: string, lane: string, time: number): void;
  /** Forgets at most `limit` of those seen before `before`. */
  prune(before: number, limit: number): void;
  /** Forgets those of these lanes among `limit` rows after row `after`; the last row looked at. */
  erase(lanes: readonly string[], after: number, limit: number): number | undefined;
}

/** Prepares the statements of {@link Seen}; all but `has` run inside a transaction. */
export function createSeen(database: Database): Seen {
  const select = database.prepare<{ at: number }>('SELECT at FROM seen WHERE id = ?');
  const insert = database.prepare('INSERT OR REPLACE INTO seen (id, lane, at) VALUES (?, ?, ?)');
  const oldest = database.prepare<{ n: number; at: number }>(
    'SELECT n, at FROM seen ORDER BY n LIMIT ?',
  );
  const removeTo = database.prepare('DELETE FROM seen WHERE n <= ?');
  const scan = database.prepare<{ n: number; lane: string }>(
    'SELECT n, lane FROM seen WHERE n > ? ORDER BY n LIMIT ?',
  );
  const remove = database.prepare('DELETE FROM seen WHERE n = ?');
  return {
    has(id, since) {
      const row = select.get(id);
      return row !== undefined && row.at >= since;
    },
    add: (id, lane, time) => insert.run(id, lane, time),
    prune(before, limit) {
      const last = oldest.all(limit).findLast((row) => row.at < before);
      if (last !== undefined) removeTo.run(last.n);
    },
    erase(lanes, after, limit) {
      const rows = scan.all(after, limit);
      for (const row of rows) if (lanes.includes(row.lane)) remove.run(row.n);
      return rows.at(-1)?.n;
    },
  };
}

import type { Sql } from './sql.ts';
import { SHARDS } from './tables.ts';

/** What a transaction changes. */
export interface Change {
  readonly waiting?: number;
  readonly bytes?: number;
  readonly dead?: number;
}

/** Totals of all proxies. */
export interface Totals {
  readonly waiting: number;
  readonly bytes: number;
  readonly dead: number;
}

/** Counters that would cost a scan to know. */
export interface Ledger {
  /** Books a change; last in its transaction, since it holds a row that others may want. */
  book(sql: Sql, change: Change): Promise<void>;
  totals(sql: Sql): Promise<Totals>;
}

/** The ledger in `schema`. */
export function createLedger(schema: string, random: () => number = Math.random): Ledger {
  return {
    async book(sql, { waiting = 0, bytes = 0, dead = 0 }) {
      await sql.query(
        `UPDATE ${schema}.ledger
           SET waiting = waiting + $2, bytes = bytes + $3, dead = dead + $4 WHERE shard = $1`,
        [Math.floor(random() * SHARDS), waiting, bytes, dead],
      );
    },
    async totals(sql) {
      const [row] = await sql.query<Record<keyof Totals, string>>(
        `SELECT sum(waiting) AS waiting, sum(bytes) AS bytes, sum(dead) AS dead
           FROM ${schema}.ledger`,
      );
      if (row === undefined) throw new Error('outbox: the ledger has no rows');
      return { waiting: Number(row.waiting), bytes: Number(row.bytes), dead: Number(row.dead) };
    },
  };
}

import type { Sql } from './sql.ts';

/** Lanes that joined another after a rename. */
export interface Aliases {
  /** The lanes that these belong to now; those that never joined another are absent. */
  targets(sql: Sql, lanes: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes that `from`, with all that joined it, is part of `into`. */
  join(sql: Sql, from: string, into: string): Promise<void>;
  /** The lane and every lane that joined it. */
  family(sql: Sql, lane: string): Promise<readonly string[]>;
  /** Keeps these from looking old. */
  touch(sql: Sql, lanes: readonly string[]): Promise<void>;
  disband(sql: Sql, lane: string): Promise<void>;
  /** Forgets joins unused for so long whose lane holds nothing, `jobs` being the table of jobs. */
  prune(sql: Sql, unusedMs: number, jobs: string): Promise<void>;
}

/** The aliases in `schema`. */
export function createAliases(schema: string): Aliases {
  const table = `${schema}.aliases`;
  return {
    async targets(sql, lanes) {
      const rows = await sql.query<{ lane: string; target: string }>(
        `SELECT lane, target FROM ${table} WHERE lane = ANY($1)`,
        [lanes],
      );
      return new Map(rows.map(({ lane, target }) => [lane, target]));
    },
    async join(sql, from, into) {
      await sql.query(`UPDATE ${table} SET target = $2 WHERE target = $1`, [from, into]);
      await sql.query(
        `INSERT INTO ${table} VALUES ($1, $2, now())
           ON CONFLICT (lane) DO UPDATE SET target = excluded.target, at = excluded.at`,
        [from, into],
      );
      await sql.query(`UPDATE ${schema}.dead SET lane = $2 WHERE lane = $1`, [from, into]);
    },
    async family(sql, lane) {
      const rows = await sql.query<{ lane: string }>(
        `SELECT lane FROM ${table} WHERE target = $1`,
        [lane],
      );
      return [lane, ...rows.map((row) => row.lane)];
    },
    async touch(sql, lanes) {
      await sql.query(
        `UPDATE ${table} SET at = now() WHERE lane = ANY($1) AND at < now() - interval '1 day'`,
        [lanes],
      );
    },
    async disband(sql, lane) {
      await sql.query(`DELETE FROM ${table} WHERE target = $1`, [lane]);
    },
    async prune(sql, unusedMs, jobs) {
      await sql.query(
        `DELETE FROM ${table} a WHERE at < now() - $1 * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM ${jobs} j WHERE j.singleton_key IN (a.target, a.lane))
           AND NOT EXISTS (SELECT FROM ${schema}.dead d WHERE d.lane = a.target)
           AND NOT EXISTS (SELECT FROM ${schema}.flights f WHERE f.lane IN (a.target, a.lane))`,
        [unusedMs],
      );
    },
  };
}

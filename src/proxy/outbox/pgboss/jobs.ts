import type { Sql } from './sql.ts';

/** What a job carries. The body is a string, since JSON in PostgreSQL cannot hold a NUL. */
export interface JobData {
  readonly body: string;
  readonly bytes: number;
  /** Milliseconds since the epoch, by the clock of the proxy that stored it. */
  readonly storedAt: number;
  /** Attempts that failed. */
  readonly attempts: number;
}

/** A job in hand: `retryCount` names the claim, so that a late verdict cannot settle another's. */
export interface Claim {
  readonly id: string;
  readonly retryCount: number;
  /** How often a proxy began this job without settling it. */
  readonly taken: number;
}

/** Statements on pg-boss's job table, for what its API cannot say. */
export interface Jobs {
  /** Ids for new jobs, in order: among jobs of one insert the smaller is first. */
  ids(sql: Sql, count: number): Promise<readonly string[]>;
  /** Ends a flight and takes the job out; `false` if the claim was lost meanwhile. */
  finish(sql: Sql, claim: Claim): Promise<boolean>;
  /** Ends a flight, if one began, and lets the job be tried again; it keeps its lane waiting. */
  again(claim: Claim, data: JobData, afterMs: number): Promise<void>;
  /** Gives up claims of jobs that were not begun. */
  giveBack(claims: readonly Claim[]): Promise<void>;
  /** Moves what waits in one lane to another, but for what lost its proxy in flight. */
  move(sql: Sql, from: string, into: string): Promise<void>;
  /** Deletes at most `limit` of these lanes; what each carried. */
  erase(sql: Sql, lanes: readonly string[], limit: number): Promise<readonly JobData[]>;
  /** Age of the oldest in milliseconds. */
  oldestMs(): Promise<number>;
}

/** Where {@link createJobs} finds what it names. */
export interface JobTables {
  /** Schema of our tables. */
  readonly own: string;
  /** pg-boss 12's table of jobs. */
  readonly job: string;
  readonly queue: string;
}

/** The jobs of a queue. */
export function createJobs(sql: Sql, { own, job, queue }: JobTables): Jobs {
  const isOurs = `name = '${queue}' AND policy = 'key_strict_fifo'`;
  const claimed = `name = '${queue}' AND id = $1 AND state = 'active' AND retry_count = $2`;
  const endFlight = `DELETE FROM ${own}.flights WHERE job = $1 AND taken = $3`;

  return {
    async ids(within, count) {
      const rows = await within.query<{ hex: string }>(
        `SELECT to_hex(nextval('${own}.arrivals')) AS hex FROM generate_series(1, $1)`,
        [count],
      );
      return rows.map(({ hex }) =>
        hex.padStart(32, '0').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      );
    },

    async finish(within, { id, retryCount, taken }) {
      const rows = await within.query(
        `WITH ended AS (${endFlight})
         DELETE FROM ${job} WHERE ${claimed} RETURNING id`,
        [id, retryCount, taken],
      );
      return rows.length > 0;
    },

    async again({ id, retryCount, taken }, data, afterMs) {
      await sql.query(
        `WITH ended AS (${endFlight})
         UPDATE ${job} SET state = 'retry', heartbeat_on = NULL, data = $4::jsonb,
           start_after = now() + $5 * interval '1 millisecond'
         WHERE ${claimed}`,
        [id, retryCount, taken, JSON.stringify(data), Math.max(0, afterMs)],
      );
    },

    async giveBack(claims) {
      await sql.query(
        `UPDATE ${job} SET state = 'retry', heartbeat_on = NULL, start_after = now()
         WHERE name = '${queue}' AND state = 'active'
           AND (id, retry_count) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))`,
        [claims.map(({ id }) => id), claims.map(({ retryCount }) => retryCount)],
      );
    },

    async move(within, from, into) {
      // As created and due: two of a lane may not be in retry, and what is not due is overtaken.
      // Behind others its flight would hold up those, and they it.
      await within.query(
        `UPDATE ${job} SET singleton_key = $2, state = 'created',
           start_after = least(start_after, now())
         WHERE ${isOurs} AND singleton_key = $1 AND state < 'active' AND NOT blocked
           AND NOT EXISTS (SELECT FROM ${own}.flights f WHERE f.job = ${job}.id)`,
        [from, into],
      );
    },

    async erase(within, lanes, limit) {
      const found = (states: string) =>
        `SELECT id FROM ${job} WHERE ${isOurs} AND singleton_key = ANY($1) AND ${states}`;
      const rows = await within.query<{ data: JobData }>(
        `DELETE FROM ${job} WHERE name = '${queue}' AND id IN (
           (${found("state < 'active' AND NOT blocked")} LIMIT $2)
           UNION ${found("state IN ('active', 'retry', 'failed')")})
         RETURNING data`,
        [lanes, limit],
      );
      return rows.map(({ data }) => data);
    },

    async oldestMs() {
      const [row] = await sql.query<{ ms: string | null }>(
        `SELECT (extract(epoch FROM now() - least(
           (SELECT created_on FROM ${job}
              WHERE name = '${queue}' AND state < 'active' AND NOT blocked
              ORDER BY priority DESC, created_on LIMIT 1),
           (SELECT min(j.created_on) FROM ${own}.flights f
              JOIN ${job} j ON j.name = '${queue}' AND j.id = f.job)
         )) * 1000)::bigint AS ms`,
      );
      return Math.max(0, Number(row?.ms ?? 0));
    },
  };
}

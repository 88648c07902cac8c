import type { Claim, JobTables } from './jobs.ts';
import type { Sql } from './sql.ts';

/** What has begun: one row a lane in flight. */
export interface Flights {
  /**
   * Puts the job of `lane` in flight unless another of its family is: 1 when it is new, more when a
   * proxy before died over it, `undefined` when it has to wait, or the claim was lost meanwhile.
   * What was claimed when its lane joined another stays behind in it, and goes first: before all of
   * the lane that was joined, and by its number where several lanes joined. So does what was in
   * flight then and lost its proxy, but not while another of the family flies.
   */
  begin(
    claim: Claim,
    lane: string,
    marked: boolean,
  ): Promise<{ readonly taken: number; readonly wasMarked: boolean } | undefined>;
  /**
   * Until the transaction ends nothing begins, and what was beginning has begun: else a message
   * could begin by what it read before a join, beside one that begins by what it read after.
   */
  ground(sql: Sql): Promise<void>;
  /** Says that whoever flies these lives. */
  touch(jobs: readonly string[]): Promise<void>;
  /** Forgets what flew when its contact was erased, once its proxy has fallen silent. */
  clear(): Promise<void>;
}

/**
 * The flights of a queue.
 *
 * @param silenceSeconds - silence after which a proxy counts as dead.
 */
export function createFlights(
  sql: Sql,
  { own, job, queue }: JobTables,
  silenceSeconds: number,
): Flights {
  const isOurs = `name = '${queue}' AND policy = 'key_strict_fifo'`;
  // The two halves are spelled as in pg-boss's partial indexes, or those would not be used.
  const remains = (lane: string) => `(
    EXISTS (SELECT FROM ${job} j WHERE j.${isOurs} AND j.singleton_key = ${lane}
      AND j.state < 'active' AND NOT j.blocked)
    OR EXISTS (SELECT FROM ${job} j WHERE j.${isOurs} AND j.singleton_key = ${lane}
      AND j.state IN ('active', 'retry', 'failed')))`;
  const claimed = `name = '${queue}' AND id = $1 AND state = 'active' AND retry_count = $2`;
  const headOf = (lane: string) =>
    `coalesce((SELECT target FROM ${own}.aliases a WHERE a.lane = ${lane}), ${lane})`;

  async function clear(): Promise<void> {
    await sql.query(
      `DELETE FROM ${own}.flights f WHERE at < now() - $1 * interval '1 second'
         AND NOT EXISTS (SELECT FROM ${job} j WHERE j.name = '${queue}' AND j.id = f.job)`,
      [silenceSeconds],
    );
  }

  return {
    async begin({ id, retryCount }, lane, marked) {
      const [begun] = await sql.query<{ taken: number }>(
        `WITH family AS (
           SELECT ${headOf('$2')} AS head
         )
         INSERT INTO ${own}.flights (job, lane, marked, claim, at)
         SELECT $1, head, $3, $4, now() FROM family
         WHERE EXISTS (SELECT FROM ${job} WHERE name = '${queue}' AND id = $1
             AND state = 'active' AND retry_count = $4)
           AND NOT EXISTS (
             SELECT FROM ${own}.aliases a JOIN ${own}.flights f ON f.lane = a.lane
             WHERE a.target = head AND f.job <> $1)
           AND (head <> $2 OR NOT EXISTS (
             SELECT FROM ${own}.aliases a WHERE a.target = head AND ${remains('a.lane')}))
           AND (head = $2 OR NOT EXISTS (
             SELECT FROM ${own}.aliases a JOIN ${job} j ON j.${isOurs}
               AND j.singleton_key = a.lane AND j.state IN ('active', 'retry', 'failed')
             WHERE a.target = head AND a.lane <> $2 AND j.id < $1))
         ON CONFLICT DO NOTHING RETURNING taken`,
        [id, lane, marked, retryCount],
      );
      if (begun !== undefined) return { taken: begun.taken, wasMarked: false };
      const [resumed] = await sql.query<{ taken: number; marked: boolean }>(
        `UPDATE ${own}.flights f SET taken = taken + 1, claim = $2, at = now()
         WHERE f.job = $1 AND EXISTS (SELECT FROM ${job} WHERE ${claimed}) AND NOT EXISTS (
           SELECT FROM ${own}.flights o JOIN ${job} j ON j.name = '${queue}' AND j.id = o.job
           WHERE o.job <> $1 AND ${headOf('o.lane')} = ${headOf('f.lane')}
             AND (o.job < $1
               OR j.state = 'active' AND j.retry_count = coalesce(o.claim, j.retry_count)))
         RETURNING taken, marked`,
        [id, retryCount],
      );
      if (resumed !== undefined) return { taken: resumed.taken, wasMarked: resumed.marked };
      // Its failure is none of the job's, which is put off, and the upkeep clears as well.
      await clear().catch(() => {});
      return undefined;
    },

    async ground(within) {
      // What inserts or updates takes its snapshot once it has passed this lock.
      await within.query(`LOCK TABLE ${own}.flights IN SHARE MODE`);
    },

    async touch(jobs) {
      await sql.query(`UPDATE ${own}.flights SET at = now() WHERE job = ANY($1)`, [jobs]);
    },

    clear,
  };
}

import { newLaneKey } from '../lane.ts';
import type { Connections } from './sql.ts';

/** Rows that the counters are spread over, so that proxies rarely wait for each other's. */
export const SHARDS = 32;

/** One statement list per version; append only, a published one never changes. */
const STEPS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE ${schema}.seen (id text PRIMARY KEY, lane text NOT NULL, at timestamptz NOT NULL);
    CREATE INDEX seen_by_age ON ${schema}.seen (at);
    CREATE TABLE ${schema}.aliases (
      lane text PRIMARY KEY, target text NOT NULL, at timestamptz NOT NULL
    );
    CREATE INDEX aliases_by_target ON ${schema}.aliases (target);
    CREATE TABLE ${schema}.flights (
      job uuid PRIMARY KEY, lane text NOT NULL UNIQUE, marked boolean NOT NULL,
      taken integer NOT NULL DEFAULT 1, at timestamptz NOT NULL
    );
    CREATE TABLE ${schema}.dead (
      n bigserial PRIMARY KEY, id text NOT NULL UNIQUE, lane text NOT NULL, body text NOT NULL,
      bytes integer NOT NULL, reason text NOT NULL, detail text, died_at bigint NOT NULL,
      attempts integer NOT NULL
    );
    CREATE INDEX dead_by_lane ON ${schema}.dead (lane);
    CREATE TABLE ${schema}.ledger (
      shard integer PRIMARY KEY, waiting bigint NOT NULL, bytes bigint NOT NULL, dead bigint NOT NULL
    );
    INSERT INTO ${schema}.ledger SELECT shard, 0, 0, 0 FROM generate_series(0, ${SHARDS - 1}) AS shard;
    CREATE SEQUENCE ${schema}.arrivals;`,
  (schema) => `ALTER TABLE ${schema}.flights ADD COLUMN claim integer;`,
];

/**
 * Makes the tables beside pg-boss's, or brings them to this version.
 *
 * - `seen`: ids, for as long as a page may send them again.
 * - `aliases`: lanes that joined another after a rename.
 * - `flights`: one row a lane in flight, and whether that is an increment. A job that comes back
 *   and has a row was in flight when its proxy died; then its claim is another than its flight's.
 * - `dead`: not pg-boss's failed jobs, for one of those holds its lane up until it is deleted.
 * - `ledger`: what counting would cost too much to know.
 *
 * @throws {Error} when a later version of the proxy made them.
 */
export async function migrate(connections: Connections, schema: string): Promise<void> {
  await connections.transaction(async (sql) => {
    // Two proxies that start at the same moment make everything once.
    await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema} schema`]);
    await sql.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await sql.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.meta (name text PRIMARY KEY, value text NOT NULL)`,
    );
    const [row] = await sql.query<{ value: string }>(
      `SELECT value FROM ${schema}.meta WHERE name = 'version'`,
    );
    const version = Number(row?.value ?? 0);
    if (version > STEPS.length) {
      throw new Error(
        `outbox: the schema ${schema} has version ${version} and this proxy knows ` +
          `${STEPS.length} at most: a later version made it; start that one`,
      );
    }
    for (const step of STEPS.slice(version)) await sql.query(step(schema));
    await sql.query(
      `INSERT INTO ${schema}.meta VALUES ('version', $1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [String(STEPS.length)],
    );
  });
}

/** The key for lane names, which all proxies on the database share. */
export async function laneKeyOf(connections: Connections, schema: string): Promise<string> {
  await connections.query(
    `INSERT INTO ${schema}.meta VALUES ('lane_key', $1) ON CONFLICT DO NOTHING`,
    [newLaneKey()],
  );
  const [row] = await connections.query<{ value: string }>(
    `SELECT value FROM ${schema}.meta WHERE name = 'lane_key'`,
  );
  if (row === undefined) throw new Error('outbox: the lane key could not be read back');
  return row.value;
}

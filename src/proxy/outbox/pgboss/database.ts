import type { PgBoss } from 'pg-boss';
import { loadPackages } from './packages.ts';
import { type Connections, createConnections } from './sql.ts';
import { migrate } from './tables.ts';

/** Options of {@link openDatabase}. */
export interface DatabaseOptions {
  readonly url: string;
  readonly schema: string;
  readonly heartbeatSeconds: number;
  readonly maxConnections: number;
}

/** A database with our tables, and pg-boss's beside them. */
export interface Database {
  readonly connections: Connections;
  readonly boss: PgBoss;
  /** pg-boss's table of jobs. */
  readonly job: string;
  /** Name of our queue in it. */
  readonly queue: string;
  close(): Promise<void>;
}

const QUEUE = 'messages';
const TEN_YEARS_SECONDS = 10 * 365 * 24 * 60 * 60;

/**
 * Connects, and makes or updates the tables.
 *
 * @throws {Error} when a package is missing, when the database cannot be reached, or when a later
 * version made its tables.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, schema, heartbeatSeconds, maxConnections } = options;
  const { createPool, createBoss } = await loadPackages();
  const pool = createPool({
    connectionString: url,
    max: maxConnections,
    application_name: 'sendx-proxy',
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
    keepAlive: true,
  });
  // An idle connection broke; the pool replaces it, and whoever needs one is told.
  pool.on('error', () => {});
  const bossSchema = `${schema}_jobs`;
  const boss = createBoss({
    connectionString: url,
    schema: bossSchema,
    max: 2,
    application_name: 'sendx-proxy jobs',
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
  });
  // What fails is reported by the call that needed it; unheard, the event would end the process.
  boss.on('error', () => {});
  const close = async () => {
    await boss.stop({ graceful: false, close: true });
    await pool.end();
  };
  try {
    const connections = createConnections(pool);
    await migrate(connections, schema);
    await boss.start();
    await prepareQueue(boss, heartbeatSeconds);
    return { connections, boss, job: `${bossSchema}.job`, queue: QUEUE, close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** Disarms every default of pg-boss that drops, reorders or blocks. */
async function prepareQueue(boss: PgBoss, heartbeatSeconds: number): Promise<void> {
  const settings = {
    // Two by default, and a job that exhausts them blocks its key until somebody deletes it.
    retryLimit: 2 ** 31 - 1,
    retryDelay: 0,
    retryBackoff: false,
    // Undelivered jobs are deleted after 14 days by default; here only a verdict takes one out.
    retentionSeconds: TEN_YEARS_SECONDS,
    // A claim lasts as long as its heartbeat; a day is the most that pg-boss allows.
    expireInSeconds: 24 * 60 * 60,
    heartbeatSeconds,
    warningQueueSize: 1_000_000,
  };
  await boss.createQueue(QUEUE, { ...settings, policy: 'key_strict_fifo' });
  await boss.updateQueue(QUEUE, settings);
}

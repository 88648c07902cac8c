import type { PgBoss } from 'pg-boss';
import { DEDUPE_MS, type Message } from '../../protocol.ts';
import { type Clock, systemClock } from './clock.ts';
import { createCourier } from './courier.ts';
import { createLaneHash } from './lane.ts';
import { type Outbox, OutboxFull } from './outbox.ts';
import { createAliases } from './pgboss/aliases.ts';
import { createAppending, type NewJob } from './pgboss/appending.ts';
import { coalesce } from './pgboss/coalesce.ts';
import { createGraveyard } from './pgboss/deadLetters.ts';
import { createErasure } from './pgboss/erasure.ts';
import { createHand } from './pgboss/hand.ts';
import { createJobs } from './pgboss/jobs.ts';
import { createLedger } from './pgboss/ledger.ts';
import { loadPackages } from './pgboss/packages.ts';
import { createSource } from './pgboss/source.ts';
import {
  type Connections,
  createConnections,
  DISK_FULL,
  type Sql,
  sqlState,
} from './pgboss/sql.ts';
import { laneKeyOf, migrate } from './pgboss/tables.ts';
import { startUpkeep } from './pgboss/upkeep.ts';

/** Options of {@link createPgBossOutbox}. */
export interface PgBossOutboxOptions {
  /** `postgres://user:password@host/database`; the user may create schemas there. */
  readonly url: string;
  /** Whether a message must not be delivered twice. */
  readonly holdsIncrement: (message: Message) => boolean;
  /** Schema of our tables; pg-boss's are in the schema of that name with `_jobs`. @defaultValue `sendx` */
  readonly schema?: string;
  /** Messages that may be kept, dead letters included. @defaultValue 1,000,000 */
  readonly maxRows?: number;
  /** Bytes of their JSON. @defaultValue 1 GiB */
  readonly maxBytes?: number;
  /** Dead letters kept; beyond them the oldest goes. @defaultValue 100,000 */
  readonly maxDead?: number;
  /** How long an id is remembered, in milliseconds. @defaultValue 8 days */
  readonly seenMs?: number;
  /**
   * Seconds of silence after which a proxy counts as dead and others take what it had in flight,
   * at most 30 seconds later. At least 10, pg-boss's minimum. @defaultValue 30
   */
  readonly heartbeatSeconds?: number;
  /** Connections to the database, beside two of pg-boss's own. @defaultValue 8 */
  readonly maxConnections?: number;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock;
}

const QUEUE = 'messages';
const SCHEMA = /^[a-z_][a-z0-9_]{0,40}$/;
const TEN_YEARS_SECONDS = 10 * 365 * 24 * 60 * 60;

/**
 * An outbox in PostgreSQL, for any number of proxies. An append resolves after the commit; the
 * database's clock, not the proxies', says what is due, and must not be set back.
 *
 * @throws {Error} when pg-boss or pg is not installed, when the database cannot be reached, or when
 * a later version made its tables.
 */
export async function createPgBossOutbox(options: PgBossOutboxOptions): Promise<Outbox> {
  const { url, schema = 'sendx', maxConnections = 8, heartbeatSeconds = 30 } = options;
  if (!SCHEMA.test(schema)) {
    throw new Error(`outbox: the schema must match ${SCHEMA.source}, got ${schema}`);
  }
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
  const boss = createBoss({
    connectionString: url,
    schema: `${schema}_jobs`,
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
  const release = async () => {
    await boss.stop({ graceful: false, close: true });
    await pool.end();
  };
  try {
    const connections = createConnections(pool);
    await migrate(connections, schema);
    await boss.start();
    await prepareQueue(boss, heartbeatSeconds);
    return await outboxOn(connections, boss, { ...options, schema, heartbeatSeconds }, release);
  } catch (error) {
    await release().catch(() => {});
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

async function outboxOn(
  connections: Connections,
  boss: PgBoss,
  options: PgBossOutboxOptions & { readonly schema: string; readonly heartbeatSeconds: number },
  release: () => Promise<void>,
): Promise<Outbox> {
  const { schema, holdsIncrement, clock = systemClock, seenMs = DEDUPE_MS } = options;
  const now = () => Math.floor(clock.now());
  const laneHash = createLaneHash(await laneKeyOf(connections, schema));
  const heartbeatMs = (options.heartbeatSeconds * 1_000) / 4;
  const jobTable = `${schema}_jobs.job`;
  const jobs = createJobs(connections, schema, `${schema}_jobs`, QUEUE);
  const ledger = createLedger(schema);
  const aliases = createAliases(schema);
  const insert = async (sql: Sql, inserted: readonly NewJob[]) => {
    const db = {
      executeSql: async (text: string, values: unknown[] = []) => ({
        rows: [...(await sql.query<unknown>(text, values))],
      }),
    };
    await boss.insert(QUEUE, [...inserted], { db });
  };
  const shared = { connections, schema, aliases, jobs, ledger, insert, laneHash, now };
  const graveyard = createGraveyard({
    ...shared,
    maxDead: options.maxDead ?? 100_000,
    revived: () => source.notify(),
  });
  const source = createSource({
    connections,
    boss,
    queue: QUEUE,
    schema,
    hand: createHand(connections, boss, QUEUE, clock),
    jobs,
    graveyard,
    ledger,
    clock,
    heartbeatMs,
    holdsIncrement,
  });
  const courier = createCourier(source, clock);
  const append = coalesce(
    createAppending({
      ...shared,
      maxRows: options.maxRows ?? 1_000_000,
      maxBytes: options.maxBytes ?? 1024 * 1024 * 1024,
      seenMs,
    }),
  );
  const stopUpkeep = startUpkeep({
    connections,
    schema,
    jobTable,
    aliases,
    seenMs,
    silenceMs: heartbeatMs * 12,
    clock,
  });
  let closing: Promise<void> | undefined;

  async function close(graceMs: number): Promise<void> {
    await courier.close(graceMs);
    stopUpkeep();
    await source.close();
    await release();
  }

  return {
    async append(arrived) {
      if (closing !== undefined) throw new Error('outbox: closed; nothing was stored');
      try {
        const appended = await append(arrived);
        if (appended.includes('stored')) source.notify();
        return appended;
      } catch (error) {
        if (sqlState(error) !== DISK_FULL) throw error;
        throw new OutboxFull('outbox: the disk of the database is full; nothing was stored', {
          cause: error,
        });
      }
    },
    run: courier.run,
    close(graceMs) {
      closing ??= close(graceMs);
      return closing;
    },
    async stats() {
      const { waiting, dead } = await ledger.totals(connections);
      const oldestMs = waiting === 0 ? 0 : await jobs.oldestMs();
      return { waiting, oldestMs, inFlight: courier.inFlight(), dead };
    },
    erase: createErasure({ ...shared, graveyard }),
    laneOf: laneHash,
    dead: graveyard.letters,
  };
}

import { createCourier } from './courier.ts';
import { createLaneHash } from './lane.ts';
import { type Outbox, OutboxFull } from './outbox.ts';
import { createAliases } from './pgboss/aliases.ts';
import { createAppending, type NewJob } from './pgboss/appending.ts';
import { createClaims } from './pgboss/claims.ts';
import { coalesce } from './pgboss/coalesce.ts';
import { type Database, openDatabase } from './pgboss/database.ts';
import { createGraveyard } from './pgboss/deadLetters.ts';
import { createErasure } from './pgboss/erasure.ts';
import { createFlights } from './pgboss/flights.ts';
import { createHand } from './pgboss/hand.ts';
import { createJobs } from './pgboss/jobs.ts';
import { createLedger } from './pgboss/ledger.ts';
import { createReadiness } from './pgboss/readiness.ts';
import { createSource } from './pgboss/source.ts';
import { bossDb, DISK_FULL, type Sql, sqlState } from './pgboss/sql.ts';
import { laneKeyOf } from './pgboss/tables.ts';
import { startUpkeep } from './pgboss/upkeep.ts';
import { createVerdicts } from './pgboss/verdicts.ts';
import { type StoreOptions, withDefaults } from './storeOptions.ts';

/** Options of {@link createPgBossOutbox}. */
export interface PgBossOutboxOptions extends StoreOptions {
  /** `postgres://user:password@host/database`; the user may create schemas there. */
  readonly url: string;
  /** Schema of our tables; pg-boss's are in the schema of that name with `_jobs`. @defaultValue `sendx` */
  readonly schema?: string;
  /**
   * Seconds of silence after which a proxy counts as dead and others take what it had in flight,
   * at most 30 seconds later; the same in all proxies of a database, or one with less counts the
   * others as dead while they live. At least 10, pg-boss's minimum. @defaultValue 30
   */
  readonly heartbeatSeconds?: number;
  /** Connections to the database, beside two of pg-boss's own. @defaultValue 8 */
  readonly maxConnections?: number;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,40}$/;

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
  const database = await openDatabase({ url, schema, maxConnections, heartbeatSeconds });
  try {
    return await outboxOn(database, { ...options, schema, heartbeatSeconds });
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
}

async function outboxOn(
  { connections, boss, job, queue, close: disconnect }: Database,
  options: PgBossOutboxOptions & { readonly schema: string; readonly heartbeatSeconds: number },
): Promise<Outbox> {
  const { schema } = options;
  const { clock, seenMs, maxRows, maxBytes, maxDead, holdsIncrement } = withDefaults(options);
  const now = () => Math.floor(clock.now());
  const laneHash = createLaneHash(await laneKeyOf(connections, schema));
  const tables = { own: schema, job, queue };
  const jobs = createJobs(connections, tables);
  const flights = createFlights(connections, tables, options.heartbeatSeconds);
  const ledger = createLedger(schema);
  const aliases = createAliases(schema);
  const insert = async (sql: Sql, inserted: readonly NewJob[]) => {
    await boss.insert(queue, [...inserted], { db: bossDb(sql) });
  };
  const shared = { connections, schema, aliases, jobs, flights, ledger, insert, laneHash, now };
  const hand = createHand(connections, boss, queue, clock);
  const heartbeatMs = (options.heartbeatSeconds * 1_000) / 4;
  const claims = createClaims({ boss, queue, hand, jobs, flights, clock, heartbeatMs });
  const readiness = createReadiness(clock);
  const graveyard = createGraveyard({
    ...shared,
    maxDead,
    revived: readiness.notify,
  });
  const verdicts = createVerdicts({ ...shared, claims, graveyard, readiness, clock });
  const source = createSource({ ...shared, hand, claims, verdicts, readiness, holdsIncrement });
  const courier = createCourier(source, clock);
  const append = coalesce(
    createAppending({
      ...shared,
      quota: { maxRows, maxBytes },
      seenMs,
    }),
  );
  const stopUpkeep = startUpkeep({ ...shared, jobTable: job, seenMs, clock });
  let closing: Promise<void> | undefined;

  async function close(graceMs: number): Promise<void> {
    await courier.close(graceMs);
    stopUpkeep();
    verdicts.close();
    await claims.close();
    await disconnect();
  }

  return {
    async append(arrived) {
      if (closing !== undefined) throw new Error('outbox: closed; nothing was stored');
      try {
        const appended = await append(arrived);
        if (appended.includes('stored')) readiness.notify();
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

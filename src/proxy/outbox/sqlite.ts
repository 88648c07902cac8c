import { createBell } from './bell.ts';
import { createCourier } from './courier.ts';
import { createLaneHash } from './lane.ts';
import { type Outbox, OutboxFull } from './outbox.ts';
import { createAppending } from './sqlite/appending.ts';
import { buryMarked } from './sqlite/buryMarked.ts';
import { createCommit } from './sqlite/commit.ts';
import { type Driver, resultCode, SQLITE_FULL } from './sqlite/database.ts';
import { createGraveyard } from './sqlite/deadLetters.ts';
import { createErasure } from './sqlite/erasure.ts';
import { openStoreFile, type StoreFile } from './sqlite/file.ts';
import { createFlights } from './sqlite/flights.ts';
import { createLanes } from './sqlite/lanes.ts';
import { createLedger } from './sqlite/ledger.ts';
import { createMessages } from './sqlite/messages.ts';
import { createReserve } from './sqlite/reserve.ts';
import { laneKeyOf, migrate } from './sqlite/schema.ts';
import { createSeen } from './sqlite/seen.ts';
import { createSource } from './sqlite/source.ts';
import { type StoreOptions, withDefaults } from './storeOptions.ts';

/** Options of {@link createSqliteOutbox}. */
export interface SqliteOutboxOptions extends StoreOptions {
  /** The file; it and its folder are made if missing. `-wal`, `-reserve`, `-owner` lie next to it. */
  readonly path: string;
  /**
   * Bytes that the file itself may reach: about twice `maxBytes`, and the ids of the last 8 days.
   *
   * @defaultValue no limit
   */
  readonly maxFileBytes?: number;
  /** Disk space set aside for draining on a full disk. @defaultValue 16 MiB */
  readonly reserveBytes?: number;
  /** @defaultValue `node:sqlite` where this Node has it, else `libsql` */
  readonly driver?: Driver;
}

/**
 * An outbox in one SQLite file, for one process. An append resolves after the fsync that its turn
 * of the event loop shares.
 *
 * @throws {Error} when another process holds the file, or it is not a store, or a later version
 * wrote it.
 */
export async function createSqliteOutbox(options: SqliteOutboxOptions): Promise<Outbox> {
  const file = await openStoreFile(options.path, options.driver);
  try {
    return await outboxIn(file, options);
  } catch (error) {
    file.release();
    throw error;
  }
}

async function outboxIn(file: StoreFile, options: SqliteOutboxOptions): Promise<Outbox> {
  const { database } = file;
  const { clock, seenMs, maxRows, maxBytes, maxDead, holdsIncrement } = withDefaults(options);
  migrate(database);
  if (options.maxFileBytes !== undefined) file.limit(options.maxFileBytes);
  const now = () => clock.now();
  const laneHash = createLaneHash(laneKeyOf(database));
  const reserve = createReserve(
    `${options.path}-reserve`,
    options.reserveBytes ?? 16 * 1024 * 1024,
    clock,
  );
  const ledger = createLedger(database, clock);
  const commit = createCommit(database, ledger, reserve.release);
  const lanes = createLanes(database);
  const seen = createSeen(database);
  const messages = createMessages(database, lanes, ledger);
  const flights = createFlights();
  const bell = createBell(clock);
  const graveyard = createGraveyard({
    database,
    ledger,
    messages,
    commit,
    laneOf: (email) => lanes.resolve(laneHash(email)),
    now,
    maxDead,
    revived: bell.ring,
  });
  const source = createSource({
    lanes,
    messages,
    graveyard,
    flights,
    ledger,
    commit,
    bell,
    clock,
    holdsIncrement,
  });
  const courier = createCourier(source, clock);
  const append = createAppending({
    seen,
    lanes,
    messages,
    ledger,
    reserve,
    laneHash,
    now,
    quota: { maxRows, maxBytes },
    seenMs,
  });
  reserve.held();
  await buryMarked(messages, graveyard, commit);
  let closing: Promise<void> | undefined;

  async function close(graceMs: number): Promise<void> {
    await courier.close(graceMs);
    source.close();
    await commit.close();
    file.release();
  }

  return {
    async append(arrived) {
      try {
        const report = await commit(
          () => append(arrived),
          ({ merges }) => merges.forEach(flights.merged),
        );
        bell.ring();
        return report.appended;
      } catch (error) {
        if (resultCode(error) !== SQLITE_FULL) throw error;
        throw new OutboxFull('outbox: the disk is full; nothing was stored', { cause: error });
      }
    },
    run: courier.run,
    close(graceMs) {
      closing ??= close(graceMs);
      return closing;
    },
    async stats() {
      const oldest = messages.oldest();
      return {
        waiting: ledger.waiting,
        oldestMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest),
        inFlight: courier.inFlight(),
        dead: ledger.dead,
      };
    },
    erase: createErasure({ database, lanes, messages, graveyard, seen, commit, laneHash }),
    laneOf: laneHash,
    dead: graveyard.letters,
  };
}

import type { Message } from '../../../protocol.ts';
import { newEmailOf } from '../newEmail.ts';
import type { Appended } from '../outbox.ts';
import { type Quota, refuseBeyond } from '../quota.ts';
import type { Aliases } from './aliases.ts';
import type { Flights } from './flights.ts';
import type { JobData, Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Connections, Sql } from './sql.ts';

/** A job to be inserted. */
export interface NewJob {
  readonly id: string;
  readonly singletonKey: string;
  readonly data: JobData;
}

/** Collaborators and bounds of {@link createAppending}. */
export interface AppendingParts {
  readonly connections: Connections;
  readonly schema: string;
  readonly aliases: Aliases;
  readonly flights: Flights;
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  /** pg-boss's insert, within the transaction. */
  readonly insert: (sql: Sql, jobs: readonly NewJob[]) => Promise<void>;
  readonly laneHash: (email: string) => string;
  readonly now: () => number;
  readonly quota: Quota;
  readonly seenMs: number;
}

interface Placed {
  readonly message: Message;
  lane: string;
}

/** Makes the function that stores messages in one transaction, all or nothing. */
export function createAppending(parts: AppendingParts) {
  const { schema, aliases, jobs, ledger, laneHash } = parts;

  /** Notes ids as seen; those that were not, or not for a long time. */
  async function note(sql: Sql, arrived: readonly Message[]): Promise<ReadonlySet<string>> {
    // Of an id that comes twice the first is stored, and its contact is the one to be forgotten.
    const lanes = new Map(arrived.toReversed().map(({ id, email }) => [id, laneHash(email)]));
    // In one order everywhere, or two proxies that share ids would wait for each other.
    const ids = [...lanes.keys()].toSorted();
    const rows = await sql.query<{ id: string }>(
      `INSERT INTO ${schema}.seen (id, lane, at)
         SELECT id, lane, now() FROM unnest($1::text[], $2::text[]) AS arrived (id, lane)
       ON CONFLICT (id) DO UPDATE SET lane = excluded.lane, at = excluded.at
         WHERE seen.at < now() - $3 * interval '1 millisecond'
       RETURNING id`,
      [ids, ids.map((id) => lanes.get(id)), parts.seenMs],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async function refuseWhenFull(sql: Sql, count: number, size: number): Promise<void> {
    const { waiting, bytes, dead } = await ledger.totals(sql);
    refuseBeyond(parts.quota, waiting + dead + count, bytes + size);
  }

  /** Gives every message its lane, and joins the lanes that renames join. */
  async function place(sql: Sql, fresh: readonly Message[]): Promise<readonly Placed[]> {
    const renamed = fresh.map(newEmailOf).filter((email) => email !== undefined);
    const emails = [...fresh.map(({ email }) => email), ...renamed];
    const targets = new Map(await aliases.targets(sql, [...new Set(emails.map(laneHash))]));
    if (targets.size > 0) await aliases.touch(sql, [...targets.keys()]);
    const laneOf = (email: string) => targets.get(laneHash(email)) ?? laneHash(email);
    const placed: Placed[] = [];
    for (const message of fresh) {
      const lane = laneOf(message.email);
      placed.push({ message, lane });
      const newEmail = newEmailOf(message);
      const from = newEmail === undefined ? lane : laneOf(newEmail);
      if (from === lane) continue;
      await parts.flights.ground(sql);
      await jobs.move(sql, from, lane);
      await aliases.join(sql, from, lane);
      for (const earlier of placed) if (earlier.lane === from) earlier.lane = lane;
      for (const [alias, target] of targets) if (target === from) targets.set(alias, lane);
      targets.set(from, lane);
    }
    return placed;
  }

  async function store(sql: Sql, arrived: readonly Message[]): Promise<readonly Appended[]> {
    if (arrived.some((message) => newEmailOf(message) !== undefined)) {
      // One rename at a time: two that cross would make a circle of aliases.
      await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `${schema} rename`,
      ]);
    }
    const unseen = new Set(await note(sql, arrived));
    const isFresh = arrived.map(({ id }) => unseen.delete(id));
    const fresh = arrived.filter((_, index) => isFresh[index]);
    if (fresh.length > 0) await insert(sql, fresh);
    return isFresh.map((stored) => (stored ? 'stored' : 'duplicate'));
  }

  async function insert(sql: Sql, fresh: readonly Message[]): Promise<void> {
    const bodies = fresh.map((message) => JSON.stringify(message));
    const sizes = bodies.map((body) => Buffer.byteLength(body));
    const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
    await refuseWhenFull(sql, fresh.length, size);
    const placed = await place(sql, fresh);
    const ids = await jobs.ids(sql, fresh.length);
    const storedAt = parts.now();
    await parts.insert(
      sql,
      placed.map(({ lane }, index) => ({
        id: ids[index] ?? '',
        singletonKey: lane,
        data: { body: bodies[index] ?? '', bytes: sizes[index] ?? 0, storedAt, attempts: 0 },
      })),
    );
    await ledger.book(sql, { waiting: fresh.length, bytes: size });
  }

  return (arrived: readonly Message[]): Promise<readonly Appended[]> =>
    arrived.length === 0
      ? Promise.resolve([])
      : parts.connections.transaction((sql) => store(sql, arrived));
}

import { expect, it } from 'vitest';
import { systemClock } from '../../../src/proxy/outbox/clock.ts';
import { createCommit } from '../../../src/proxy/outbox/sqlite/commit.ts';
import { type Database, openDatabase } from '../../../src/proxy/outbox/sqlite/database.ts';
import { createGraveyard } from '../../../src/proxy/outbox/sqlite/deadLetters.ts';
import { createLanes } from '../../../src/proxy/outbox/sqlite/lanes.ts';
import { createLedger } from '../../../src/proxy/outbox/sqlite/ledger.ts';
import { createMessages } from '../../../src/proxy/outbox/sqlite/messages.ts';
import { migrate } from '../../../src/proxy/outbox/sqlite/schema.ts';
import { createSeen } from '../../../src/proxy/outbox/sqlite/seen.ts';

/** A database in memory that remembers what it was asked. */
async function recorder() {
  const database = await openDatabase(':memory:');
  migrate(database);
  const prepared: string[] = [];
  const executed: string[] = [];
  const recording: Database = {
    driver: database.driver,
    get inTransaction() {
      return database.inTransaction;
    },
    exec(sql) {
      executed.push(sql);
      database.exec(sql);
    },
    prepare(sql) {
      prepared.push(sql);
      return database.prepare(sql);
    },
    close: () => database.close(),
  };
  return { database: recording, prepared, executed };
}

it('finds every row by an index, however many wait', async () => {
  const { database, prepared } = await recorder();
  const ledger = createLedger(database, systemClock);
  const lanes = createLanes(database);
  const messages = createMessages(database, lanes, ledger);
  const commit = createCommit(database, ledger, () => {});
  createSeen(database);
  createGraveyard({
    database,
    ledger,
    messages,
    commit,
    laneOf: (email) => email,
    now: Date.now,
    maxDead: 1,
    revived: () => {},
  });
  // One row; and once an hour, over lanes that were renamed in the last eight days.
  const asked = [...prepared];
  const scans = asked.filter((sql) => !/LIMIT|ledger|DELETE FROM aliases WHERE at/.test(sql));
  expect(scans.length).toBeGreaterThan(25);
  for (const sql of scans)
    expect([sql, plan(database, sql)]).toEqual([sql, expect.not.stringMatching('SCAN')]);
  for (const sql of asked)
    expect([sql, plan(database, sql)]).toEqual([sql, expect.not.stringMatching('TEMP B-TREE')]);
  database.close();
});

function plan(database: Database, sql: string): string {
  const values = Array.from(sql.matchAll(/\?/g), () => 1);
  const steps = database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return steps.map(({ detail }) => detail).join('; ');
}

it('commits the writes of one turn together, and those of the next turn apart', async () => {
  const { database, executed } = await recorder();
  const ledger = createLedger(database, systemClock);
  const commit = createCommit(database, ledger, () => {});
  const commits = () => executed.filter((sql) => sql === 'COMMIT').length;
  await Promise.all(Array.from({ length: 100 }, () => commit(() => {})));
  expect(commits()).toBe(1);
  await commit(() => {});
  expect(commits()).toBe(2);
  await Promise.all(Array.from({ length: 300 }, () => commit(() => {})));
  expect(commits()).toBe(5);
  database.close();
});

it('acknowledges an error to its own writer only', async () => {
  const { database } = await recorder();
  const ledger = createLedger(database, systemClock);
  const commit = createCommit(database, ledger, () => {});
  const insert = database.prepare('INSERT INTO meta VALUES (?, ?)');
  const write = (name: string) => commit(() => insert.run(name, 'x'));
  const answers = await Promise.allSettled([write('a'), write('a'), write('b')]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const rows = database.prepare<{ name: string }>('SELECT name FROM meta').all();
  expect(rows.map(({ name }) => name)).toEqual(['a', 'b']);
  database.close();
});

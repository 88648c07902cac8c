import { expect, it, onTestFinished } from 'vitest';
import { createCommit } from '../../../src/proxy/outbox/sqlite/commit.ts';
import { openDatabase } from '../../../src/proxy/outbox/sqlite/database.ts';
import { createLedger } from '../../../src/proxy/outbox/sqlite/ledger.ts';
import { migrate } from '../../../src/proxy/outbox/sqlite/schema.ts';
import { fakeClock } from './fakeClock.ts';

/** A store in memory whose next `ROLLBACK` can be made to fail. */
async function rig() {
  const database = await openDatabase(':memory:');
  onTestFinished(() => database.close());
  migrate(database);
  database.exec('CREATE TABLE notes (text TEXT)');
  const insert = database.prepare('INSERT INTO notes VALUES (?)');
  const all = database.prepare<{ text: string }>('SELECT text FROM notes');
  let failures = 0;
  const ledger = createLedger(database, fakeClock());
  const commit = createCommit(
    {
      ...database,
      get inTransaction() {
        return database.inTransaction;
      },
      exec(sql) {
        if (sql === 'ROLLBACK' && failures > 0) {
          failures -= 1;
          throw new Error('disk I/O error');
        }
        database.exec(sql);
      },
    },
    ledger,
    () => {},
  );
  const note = (text: string) => () => {
    insert.run(text);
    ledger.waiting += 1;
    return text;
  };
  return {
    commit,
    note,
    ledger,
    notes: () => all.all().map(({ text }) => text),
    failRollback(times: number) {
      failures = times;
    },
  };
}

const fail = () => {
  throw new Error('constraint failed');
};

it('writes once what is committed, whatever the word of it brings about', async () => {
  const { commit, note, notes } = await rig();
  const told = commit(note('a'), () => fail());
  const other = commit(note('b'));
  await expect(told).rejects.toThrow('constraint failed');
  expect(await other).toBe('b');
  expect(notes()).toEqual(['a', 'b']);
});

it('harms no neighbour by a write that fails', async () => {
  const { commit, note, notes, ledger } = await rig();
  const [a, b, c] = [commit(note('a')), commit(fail), commit(note('c'))];
  await expect(b).rejects.toThrow('constraint failed');
  expect([await a, await c]).toEqual(['a', 'c']);
  expect(notes()).toEqual(['a', 'c']);
  expect(ledger.waiting).toBe(2);
});

it('counts nothing that was not written, even where the rollback fails as well', async () => {
  const { commit, note, notes, ledger, failRollback } = await rig();
  failRollback(1);
  const broken = commit(() => {
    note('lost')();
    fail();
  });
  await expect(broken).rejects.toThrow('constraint failed');
  expect(await commit(note('kept'))).toBe('kept');
  expect(notes()).toEqual(['kept']);
  expect(ledger.waiting).toBe(1);
});

it('writes nothing more until a transaction that failed is left', async () => {
  const { commit, note, notes, ledger, failRollback } = await rig();
  failRollback(4);
  await expect(commit(fail)).rejects.toThrow();
  await expect(commit(note('a'))).rejects.toThrow('disk I/O error');
  expect(await commit(note('b'))).toBe('b');
  expect(notes()).toEqual(['b']);
  expect(ledger.waiting).toBe(1);
});

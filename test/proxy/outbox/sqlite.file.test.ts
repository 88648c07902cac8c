import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLaneHash } from '../../../src/proxy/outbox/lane.ts';
import { openDatabase } from '../../../src/proxy/outbox/sqlite/database.ts';
import { laneKeyOf, migrate } from '../../../src/proxy/outbox/sqlite/schema.ts';
import { dead, emptied, gateOf, retry, track, upstream } from './scripted.ts';
import { shiftedClock } from './shiftedClock.ts';
import { type SqliteRig, sqliteRig } from './sqliteRig.ts';

let rig: SqliteRig;
beforeEach(() => {
  rig = sqliteRig();
});
afterEach(() => rig.dispose());

describe('the file', () => {
  it('is readable by its owner only, as is the folder made for it', async () => {
    const path = join(dirname(rig.path), 'new', 'deep', 'outbox.db');
    const outbox = await rig.open({ path });
    await outbox.append([track('a')]);
    const modeOf = (name: string) => statSync(name).mode & 0o777;
    expect(modeOf(dirname(path))).toBe(0o700);
    for (const suffix of ['', '-wal', '-reserve', '-owner']) {
      expect([suffix, modeOf(path + suffix)]).toEqual([suffix, 0o600]);
    }
  });

  it('keeps nothing of an erased contact', async () => {
    const outbox = await rig.open();
    await outbox.append([track('a', 'secret-address@example.com')]);
    await outbox.erase('secret-address@example.com');
    expect(readFileSync(rig.path).includes('secret-address')).toBe(false);
    expect(readFileSync(`${rig.path}-wal`).includes('secret-address')).toBe(false);
  });

  it('is refused to a second process, which is told why', async () => {
    await rig.open();
    await expect(rig.open()).rejects.toThrow(
      new RegExp(`^outbox: ${rig.path} is in use by process ${process.pid}; .*does not start`),
    );
  });

  it('is refused to a process of its own, and free once that has ended', async () => {
    const outbox = await rig.open();
    const script = `
      const Database = require('libsql');
      const database = new Database(${JSON.stringify(rig.path)});
      try { database.exec('BEGIN IMMEDIATE'); console.log('taken'); }
      catch (error) { console.log(error.code); }`;
    const other = () =>
      spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout.trim();
    expect(other()).toBe('SQLITE_BUSY');
    await outbox.close(0);
    expect(other()).toBe('taken');
  });

  it('that is no store is left alone', async () => {
    writeFileSync(rig.path, 'a letter to my mother, longer than a header '.repeat(100));
    const before = readFileSync(rig.path);
    await expect(rig.open()).rejects.toThrow(/is not a store: expected an SQLite file or none/);
    expect(readFileSync(rig.path).equals(before)).toBe(true);
  });

  it('of a later version is left alone', async () => {
    await (await rig.open()).close(0);
    const database = await openDatabase(rig.path);
    database.exec('PRAGMA user_version = 1000');
    database.close();
    await expect(rig.open()).rejects.toThrow(
      /schema version 1000 and this proxy knows \d+ at most/,
    );
  });

  it('of the first version goes on where it was, lane by lane', async () => {
    const database = await openDatabase(rig.path);
    migrate(database, 1);
    const laneOf = createLaneHash(laneKeyOf(database));
    const rows = ['b1', 'a1', 'b2', 'a2'].map((id) => track(id, `${id[0]}@example.com`));
    const [a, b, old] = ['a', 'b', 'old'].map((name) => laneOf(`${name}@example.com`));
    for (const message of rows) {
      const insert = 'INSERT INTO messages (lane, body, bytes, stored_at) VALUES (?, ?, 50, 1)';
      database.prepare(insert).run(laneOf(message.email), JSON.stringify(message));
    }
    database.exec(`INSERT INTO lanes VALUES ('${a}', 2, 1), ('${b}', 1, 1);
      INSERT INTO aliases VALUES ('${old}', '${a}', 1);
      UPDATE ledger SET waiting = 4, bytes = 200`);
    database.close();

    const outbox = await rig.open();
    expect((await outbox.stats()).waiting).toBe(4);
    await outbox.append([track('a3', 'old@example.com'), track('c1', 'c@example.com')]);
    const sendx = upstream();
    void outbox.run(sendx.deliver, gateOf(1));
    await emptied(outbox);
    expect(sendx.settled.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(sendx.of('b@example.com')).toEqual(['b1', 'b2']);
    expect(sendx.settled.slice(0, 2)).toEqual(['b1', 'a1']);
    expect(sendx.settled).toHaveLength(6);
  });

  it('with a truncated log opens with what is intact', async () => {
    const outbox = await rig.open();
    const sizes: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      await outbox.append([track(`a${n}`)]);
      sizes.push(statSync(`${rig.path}-wal`).size);
    }
    const crashed = rig.crash();
    truncateSync(`${crashed}-wal`, (sizes[11] ?? 0) + 1_000);
    const survivor = await rig.open({ path: crashed });
    expect((await survivor.stats()).waiting).toBe(12);
    expect(await survivor.append([track('a11'), track('a12')])).toEqual(['duplicate', 'stored']);
    const sendx = upstream();
    void survivor.run(sendx.deliver, gateOf());
    await emptied(survivor);
    expect(sendx.settled).toEqual(Array.from({ length: 13 }, (_, n) => `a${n}`));
  });

  it('with a damaged log opens with what came before the damage', async () => {
    const outbox = await rig.open();
    for (let n = 0; n < 20; n += 1) await outbox.append([track(`a${n}`)]);
    const crashed = rig.crash();
    const log = readFileSync(`${crashed}-wal`);
    log.fill(0xa5, Math.floor(log.length / 2), Math.floor(log.length / 2) + 64);
    writeFileSync(`${crashed}-wal`, log);
    const survivor = await rig.open({ path: crashed });
    const { waiting } = await survivor.stats();
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(20);
    const sendx = upstream();
    void survivor.run(sendx.deliver, gateOf());
    await emptied(survivor);
    expect(sendx.settled).toEqual(Array.from({ length: waiting }, (_, n) => `a${n}`));
  });
});

describe('a file that may not grow', () => {
  it('refuses appends whole, delivers what waits, and takes more once there is room', async () => {
    const clock = shiftedClock();
    const outbox = await rig.open({ clock, maxFileBytes: 256 * 1024 });
    const stored: string[] = [];
    let full: unknown;
    for (let batch = 0; full === undefined; batch += 1) {
      const messages = Array.from({ length: 20 }, (_, n) => track(`${batch}-${n}`, `${n}@x.io`));
      await outbox.append(messages).then(
        () => stored.push(...messages.map(({ id }) => id)),
        (error: unknown) => {
          full = error;
        },
      );
    }
    expect(full).toMatchObject({ name: 'OutboxFull' });
    expect((await outbox.stats()).waiting).toBe(stored.length);
    const sendx = upstream({ '0-0': [dead()], '0-1': [retry(5)] });
    void outbox.run(sendx.deliver, gateOf());
    await emptied(outbox);
    expect(new Set(sendx.attempts)).toEqual(new Set(stored));
    clock.pass(10_000);
    expect(await outbox.append([track('later')])).toEqual(['stored']);
    await emptied(outbox);
  });

  it('fails one write of a turn without harming the others', async () => {
    const clock = shiftedClock();
    const outbox = await rig.open({ clock, maxFileBytes: 160 * 1024 });
    const large = { ...track('large'), addTags: [`x${'y'.repeat(400_000)}`] };
    const answers = await Promise.allSettled([
      outbox.append([track('a')]),
      outbox.append([track('b'), large]),
      outbox.append([track('c')]),
    ]);
    expect(answers[1]).toMatchObject({ status: 'rejected', reason: { name: 'OutboxFull' } });
    clock.pass(10_000);
    expect(await outbox.append([track('b')])).toEqual(['stored']);
    const { waiting } = await outbox.stats();
    expect(waiting).toBe(answers.filter(({ status }) => status === 'fulfilled').length + 1);
  });
});

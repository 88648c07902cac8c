import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Outbox } from '../../../src/proxy/outbox/outbox.ts';
import { createPgBossOutbox } from '../../../src/proxy/outbox/pgboss.ts';
import type { PostgresRig } from './postgres.ts';
import { rigEachTest } from './rigEachTest.ts';
import {
  done,
  emptied,
  gateOf,
  holdsIncrement,
  manual,
  rename,
  retry,
  track,
  until,
  upstream,
} from './scripted.ts';
import { shiftedClock } from './shiftedClock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let rig: PostgresRig;
rigEachTest((fresh) => {
  rig = fresh;
});

describe('the PostgreSQL outbox', () => {
  it('disarms the defaults of pg-boss that drop, reorder or block', async () => {
    await rig.open();
    const [queue] = await rig.query('SELECT * FROM sendx_jobs.queue');
    expect(queue).toMatchObject({
      policy: 'key_strict_fifo',
      retry_limit: 2 ** 31 - 1,
      retry_delay: 0,
      retry_backoff: false,
      retention_seconds: 315_360_000,
      expire_seconds: 86_400,
      heartbeat_seconds: 30,
      dead_letter: null,
    });
  });

  it('is made once when many proxies start at the same moment on an empty database', async () => {
    await rig.query('DROP SCHEMA sendx CASCADE; DROP SCHEMA sendx_jobs CASCADE');
    const outboxes = await Promise.all([rig.open(), rig.open(), rig.open()]);
    expect(new Set(outboxes.map((outbox) => outbox.laneOf('jane@example.com'))).size).toBe(1);
    expect(await outboxes[0]?.append([track('a')])).toEqual(['stored']);
    expect(await outboxes[1]?.append([track('a')])).toEqual(['duplicate']);
  }, 60_000);

  it('leaves alone what a later version made', async () => {
    await rig.query("UPDATE sendx.meta SET value = '1000' WHERE name = 'version'");
    await expect(rig.open()).rejects.toThrow(/version 1000 and this proxy knows \d+ at most/);
  });

  it('refuses a schema that is no plain name', async () => {
    await expect(rig.open({ schema: 'x; DROP TABLE y' })).rejects.toThrow(/the schema must match/);
  });

  it('says that it cannot be reached', async () => {
    const url = rig.url.replace(/:\d+\//, ':1/');
    await expect(createPgBossOutbox({ url, holdsIncrement })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('keeps two stores of one database apart', async () => {
    const [one, other] = [await rig.open(), await rig.open({ schema: 'other' })];
    await one.append([track('a')]);
    expect(await other.append([track('a')])).toEqual(['stored']);
    expect(await other.erase('jane@example.com')).toBe(1);
    expect((await one.stats()).waiting).toBe(1);
  }, 60_000);

  it('does not mind what the clocks of the proxies say', async () => {
    const [past, future] = [shiftedClock(), shiftedClock()];
    past.set(-DAY_MS);
    future.set(DAY_MS);
    const one = await rig.open({ clock: past });
    const other = await rig.open({ clock: future });
    await one.append([track('a1'), track('b1', 'b@example.com')]);
    await other.append([track('a2')]);
    await one.append([track('a3')]);
    const sendx = upstream({ a1: [retry(20)], a2: [retry(20)] });
    void one.run(sendx.deliver, gateOf());
    void other.run(sendx.deliver, gateOf());
    await emptied(one);
    expect(sendx.of('jane@example.com')).toEqual(['a1', 'a1', 'a2', 'a2', 'a3']);
    expect((await one.stats()).oldestMs).toBe(0);
  });

  it('shares lanes between proxies: one message of each in flight, in order', async () => {
    const [one, other] = [await rig.open(), await rig.open()];
    const lanes = Array.from({ length: 12 }, (_, lane) => `${lane}@example.com`);
    const flying = new Map<string, string>();
    const order = new Map<string, string[]>(lanes.map((email) => [email, []]));
    const rivals: string[] = [];
    const tried = new Set<string>();
    // Until both deliver, every delivery waits: who delivers alone could do it all.
    let meet = () => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const busy =
      (began: () => void) =>
      async ({ message }: { message: { id: string; email: string } }) => {
        const { id, email } = message;
        const rival = flying.get(email);
        if (rival !== undefined) rivals.push(`${id} beside ${rival}`);
        flying.set(email, id);
        began();
        await met;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        flying.delete(email);
        if (!tried.has(id) && Number(id.slice(-1)) % 3 === 0) {
          tried.add(id);
          return retry(Math.random() * 100);
        }
        order.get(email)?.push(id);
        return done;
      };
    const append = (outbox: Outbox, n: number, from = 0, to = lanes.length) =>
      outbox.append(lanes.map((email, lane) => track(`${lane}-${n}`, email)).slice(from, to));
    let begun = 0;
    await append(one, 0, 0, 6);
    void one.run(
      busy(() => {
        begun += 1;
      }),
      gateOf(4),
    );
    // All its places are taken, so that it takes nothing of what the other is given.
    await until(() => begun === 4);
    await append(other, 0, 6);
    void other.run(busy(meet), gateOf(4));
    for (let n = 1; n < 10; n += 1) await append(n % 2 === 0 ? one : other, n);
    await emptied(one);
    expect(rivals).toEqual([]);
    for (const [lane, email] of lanes.entries()) {
      expect(order.get(email)).toEqual(Array.from({ length: 10 }, (_, n) => `${lane}-${n}`));
    }
  }, 60_000);

  it('joins lanes for all proxies, also when two renames cross', async () => {
    const [one, other] = [await rig.open(), await rig.open()];
    await Promise.all([
      one.append([rename('r1', 'a@example.com', 'b@example.com')]),
      other.append([rename('r2', 'b@example.com', 'a@example.com')]),
      one.append([rename('r3', 'b@example.com', 'c@example.com')]),
      other.append([rename('r4', 'c@example.com', 'a@example.com')]),
    ]);
    await other.append([track('a', 'a@example.com'), track('b', 'b@example.com')]);
    await one.append([track('c', 'c@example.com')]);
    const sendx = manual();
    void one.run(sendx.deliver, gateOf());
    void other.run(sendx.deliver, gateOf());
    for (let count = 1; count <= 7; count += 1) {
      await until(() => sendx.started.length === count);
      sendx.answer(sendx.started[count - 1] ?? '', done);
    }
    await emptied(one);
    expect(sendx.started.slice(4)).toEqual(['a', 'b', 'c']);
    expect(await rig.query('SELECT * FROM sendx.flights')).toEqual([]);
  });

  it('keeps the order of a lane that joined another and went on with it to a third', async () => {
    const [one, other] = [await rig.open(), await rig.open()];
    const [first, second] = [manual(), manual()];
    await one.append([track('y', 'y@example.com'), track('c1', 'c@example.com')]);
    void one.run(first.deliver, gateOf(1));
    await until(() => first.started.length === 1);
    // From here on each proxy has one message in flight and holds one more.
    await one.append([track('w', 'w@example.com'), track('c2', 'c@example.com')]);
    await one.append([rename('r1', 'd@example.com', 'c@example.com')]);
    void other.run(second.deliver, gateOf(1));
    await until(() => second.started.length === 1);
    await one.append([rename('r2', 'a@example.com', 'd@example.com')]);
    const states = await rig.query("SELECT state FROM sendx_jobs.job WHERE state = 'active'");
    expect(states).toHaveLength(4);

    second.answer('w', done);
    const isPutOff = async () => {
      const rows = await rig.query(
        "SELECT FROM sendx_jobs.job WHERE state = 'retry' AND data ->> 'body' LIKE '%\"c2\"%'",
      );
      return rows.length === 1;
    };
    await expect.poll(async () => second.started.length > 1 || (await isPutOff())).toBe(true);
    first.answer('y', done);
    const order: string[] = [];
    while (order.length < 4) {
      const started = () => [...first.started.slice(1), ...second.started.slice(1)];
      await until(() => started().length > order.length);
      const id = started().find((each) => !order.includes(each)) ?? '';
      order.push(id);
      (first.started.includes(id) ? first : second).answer(id, done);
    }
    expect(order).toEqual(['c1', 'c2', 'r1', 'r2']);
    await emptied(one);
  }, 60_000);

  it('joins lanes only after what was about to fly in one of them does', async () => {
    const outbox = await rig.open();
    const beginning = new pg.Client(rig.url);
    await beginning.connect();
    await beginning.query('BEGIN');
    await beginning.query(
      'INSERT INTO sendx.flights (job, lane, marked, at) VALUES (gen_random_uuid(), $1, false, now())',
      [outbox.laneOf('b@example.com')],
    );
    let isJoined = false;
    const joining = outbox.append([rename('r', 'a@example.com', 'b@example.com')]).then(() => {
      isJoined = true;
    });
    const waiting = () =>
      rig.query("SELECT FROM pg_locks WHERE relation = 'sendx.flights'::regclass AND NOT granted");
    await expect.poll(async () => isJoined || (await waiting()).length > 0).toBe(true);
    expect(isJoined).toBe(false);
    await beginning.query('COMMIT');
    await beginning.end();
    await joining;
  });

  it('keeps the claims of a slow delivery alive', async () => {
    const outbox = await rig.open({ heartbeatSeconds: 10 });
    await outbox.append([track('a')]);
    const sendx = manual();
    void outbox.run(sendx.deliver, gateOf());
    await until(() => sendx.started.length === 1);
    const beat = async () => {
      const [row] = await rig.query<{ at: string }>(
        "SELECT heartbeat_on::text AS at FROM sendx_jobs.job WHERE state = 'active'",
      );
      return row?.at;
    };
    const first = await beat();
    await expect.poll(beat, { timeout: 20_000, interval: 100 }).not.toBe(first);
    sendx.answer('a', done);
    await emptied(outbox);
  }, 60_000);

  it('goes on after the database threw everybody out', async () => {
    const outbox = await rig.open();
    await outbox.append([track('a1'), track('a2'), track('b', 'b@example.com')]);
    const sendx = manual();
    void outbox.run(sendx.deliver, gateOf());
    await until(() => sendx.started.length === 2);
    await rig.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
    sendx.answer('a1', done);
    sendx.answer('b', retry(10));
    await until(() => sendx.started.length === 4);
    expect(sendx.started.slice(2).toSorted()).toEqual(['a2', 'b']);
    sendx.answer('a2', done);
    sendx.answer('b', done);
    await expect
      .poll(() => outbox.append([track('c')]).catch(() => 'away'), { timeout: 20_000 })
      .toEqual(['stored']);
  }, 60_000);

  it('forgets old ids and joins on its own, in small steps', async () => {
    const clock = shiftedClock();
    let tick = () => {};
    const outbox = await rig.open({
      clock: {
        ...clock,
        after(ms, callback) {
          if (ms !== 60_000) return clock.after(ms, callback);
          tick = callback;
          return () => {};
        },
      },
    });
    await outbox.append([rename('r', 'old@example.com', 'new@example.com')]);
    await outbox.append([rename('s', 'a@example.com', 'b@example.com')]);
    const sendx = upstream({ s: [retry(3_600_000)] });
    void outbox.run(sendx.deliver, gateOf());
    await expect.poll(() => outbox.stats()).toMatchObject({ waiting: 1, inFlight: 0 });
    const old = "now() - interval '9 days'";
    await rig.query(`
      UPDATE sendx.seen SET at = ${old} WHERE id = 'r';
      UPDATE sendx.aliases SET at = ${old};
      INSERT INTO sendx.seen SELECT 'old-' || n, '', ${old} FROM generate_series(1, 2500) AS n;
      INSERT INTO sendx.flights VALUES (gen_random_uuid(), 'gone', false, 1, ${old})`);
    tick();
    const count = async (table: string) =>
      Number((await rig.query<{ n: string }>(`SELECT count(*) AS n FROM sendx.${table}`))[0]?.n);
    await expect.poll(() => count('flights')).toBe(0);
    expect(await count('seen')).toBe(1);
    // The lane that still holds a message keeps its other name.
    expect(await count('aliases')).toBe(1);
    expect(await outbox.append([track('r')])).toEqual(['stored']);
  });
});

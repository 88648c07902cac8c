import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/proxy/outbox/sqlite/database.ts';
import {
  done,
  emptied,
  gateOf,
  increment,
  manual,
  rename,
  retry,
  track,
  until,
  upstream,
} from './scripted.ts';
import { shiftedClock } from './shiftedClock.ts';
import { type SqliteRig, sqliteRig } from './sqliteRig.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let rig: SqliteRig;
beforeEach(() => {
  rig = sqliteRig();
});
afterEach(() => rig.dispose());

describe('a lane that was chosen', () => {
  it('is not taken for the one that has its number by then', async () => {
    const outbox = await rig.open();
    await outbox.append([
      track('z', 'z@example.com'),
      track('n1', 'n@example.com'),
      track('b', 'b@example.com'),
    ]);
    const sendx = manual();
    void outbox.run(sendx.deliver, gateOf(2));
    await until(() => sendx.started.length === 2);
    // The next one is chosen, while no place is free; then it is forgotten, and one in flight.
    await outbox.erase('b@example.com');
    await outbox.erase('n@example.com');
    await outbox.append([track('d', 'd@example.com'), track('n2', 'n@example.com')]);
    sendx.answer('z', done);
    await until(() => sendx.started.length > 2);
    expect(sendx.started).toEqual(['z', 'n1', 'd']);
    sendx.answer('n1', done);
    await until(() => sendx.started.length > 3);
    expect(sendx.started.at(-1)).toBe('n2');
  });
});

describe('the clock', () => {
  it('set back a day delays nothing, neither at once nor after a restart', async () => {
    const clock = shiftedClock();
    let outbox = await rig.open({ clock });
    await outbox.append([track('a'), track('b', 'b@example.com')]);
    clock.set(-DAY_MS);
    await outbox.append([track('c', 'c@example.com')]);
    const first = upstream({ a: [retry(50)], b: [retry(300)], c: [done] });
    void outbox.run(first.deliver, gateOf());
    await until(() => first.settled.includes('a') && first.settled.includes('c'));
    expect((await outbox.stats()).oldestMs).toBeLessThan(DAY_MS);
    await outbox.close(0);
    clock.set(-DAY_MS);
    outbox = await rig.open({ clock });
    expect(await outbox.append([track('a'), track('d')])).toEqual(['duplicate', 'stored']);
    const second = upstream();
    void outbox.run(second.deliver, gateOf());
    await until(() => second.settled.length === 2);
    expect(second.settled.toSorted()).toEqual(['b', 'd']);
  });

  it('set forward a month and back forgets no id', async () => {
    const clock = shiftedClock();
    const outbox = await rig.open({ clock });
    await outbox.append([track('a')]);
    clock.set(30 * DAY_MS);
    expect(await outbox.append([track('a'), track('b')])).toEqual(['duplicate', 'stored']);
    clock.set(-30 * DAY_MS);
    expect(await outbox.append([track('a'), track('b')])).toEqual(['duplicate', 'duplicate']);
    expect((await outbox.stats()).oldestMs).toBeLessThan(60_000);
  });

  it('forgets ids after eight days, in small steps', async () => {
    const clock = shiftedClock();
    const outbox = await rig.open({ clock });
    await outbox.append(Array.from({ length: 100 }, (_, n) => track(`a${n}`)));
    clock.pass(8 * DAY_MS - 60_000);
    expect(await outbox.append([track('a99')])).toEqual(['duplicate']);
    clock.pass(120_000);
    expect(await outbox.append([track('a99')])).toEqual(['stored']);
    const ids = async () => {
      const database = await openDatabase(rig.crash());
      const row = database.prepare<{ n: number }>('SELECT count(*) AS n FROM seen').get();
      database.close();
      return row?.n;
    };
    expect(await ids()).toBeGreaterThan(70);
    for (let n = 0; n < 6; n += 1) await outbox.append([track(`b${n}`)]);
    expect(await ids()).toBe(7);
  });

  it('separates joined lanes again once a rename is long over and nothing waits', async () => {
    const clock = shiftedClock();
    const outbox = await rig.open({ clock });
    await outbox.append([rename('r', 'old@example.com', 'new@example.com')]);
    const first = upstream();
    const gate = gateOf();
    const sendx = manual();
    let deliver = first.deliver;
    void outbox.run((delivery) => deliver(delivery), gate);
    await emptied(outbox);
    deliver = sendx.deliver;
    clock.pass(7 * DAY_MS);
    await outbox.append([track('n1', 'new@example.com')]);
    await until(() => sendx.started.includes('n1'));
    // Used meanwhile, so the join is not eight days old although the rename is.
    clock.pass(2 * DAY_MS);
    await outbox.append([track('o1', 'old@example.com'), track('x', 'x@example.com')]);
    await until(() => sendx.started.includes('x'));
    expect(sendx.started).toEqual(['n1', 'x']);
    sendx.answer('n1', done);
    await until(() => sendx.started.includes('o1'));
    sendx.answer('o1', done);
    sendx.answer('x', done);
    await emptied(outbox);
    clock.pass(9 * DAY_MS);
    await outbox.append([track('y', 'y@example.com')]);
    await outbox.append([track('o2', 'old@example.com'), track('n2', 'new@example.com')]);
    await until(() => sendx.started.includes('o2') && sendx.started.includes('n2'));
  });
});

describe('a lane that cannot be delivered', () => {
  it('holds up none of thousands of healthy ones', async () => {
    const healthy = process.env.LONG ? 10_000 : 2_500;
    const outbox = await rig.open();
    await outbox.append([track('poison', 'poison@example.com')]);
    for (let from = 0; from < healthy; from += 500) {
      await outbox.append(
        Array.from({ length: 500 }, (_, n) => track(`m${from + n}`, `${from + n}@example.com`)),
      );
    }
    let attempts = 0;
    let delivered = 0;
    void outbox.run(async ({ message }) => {
      if (message.id !== 'poison') {
        delivered += 1;
        return done;
      }
      attempts += 1;
      return retry(5);
    }, gateOf(16));
    await until(() => delivered === healthy);
    expect(attempts).toBeGreaterThan(1);
    await expect.poll(() => outbox.stats()).toMatchObject({ waiting: 1, dead: 0 });
  }, 30_000);

  it('holds up no other, however many messages wait in it', async () => {
    const outbox = await rig.open();
    for (let batch = 0; batch < 40; batch += 1) {
      await outbox.append(Array.from({ length: 500 }, (_, n) => track(`${batch}-${n}`)));
    }
    await outbox.append([track('b', 'b@example.com')]);
    const sendx = upstream({ '0-0': [retry(3_600_000)] });
    void outbox.run(sendx.deliver, gateOf(1));
    await until(() => sendx.settled.includes('b'));
    expect(sendx.attempts).toEqual(['0-0', 'b']);
  }, 30_000);

  it('holds up no other, however many hang in flight', async () => {
    const outbox = await rig.open();
    await outbox.append(
      Array.from({ length: 200 }, (_, n) => track(`hang${n}`, `hang${n}@example.com`)),
    );
    const sendx = upstream();
    let hanging = 0;
    void outbox.run((delivery) => {
      if (!delivery.message.id.startsWith('hang')) return sendx.deliver(delivery);
      hanging += 1;
      return new Promise((resolve) => {
        delivery.signal.addEventListener('abort', () => resolve(retry(0)));
      });
    }, gateOf(201));
    await until(() => hanging === 200);
    await outbox.append(Array.from({ length: 300 }, (_, n) => track(`m${n}`, `${n}@example.com`)));
    await until(() => sendx.settled.length === 300);
  }, 30_000);
});

describe('increments', () => {
  it('found marked after a crash are dead letters, the rest is as it was', async () => {
    const outbox = await rig.open();
    await outbox.append([
      increment('i1'),
      track('a2'),
      increment('i2', 'b@example.com'),
      track('c1', 'c@example.com'),
    ]);
    void outbox.run(() => new Promise(() => {}), gateOf(3));
    await expect.poll(async () => (await outbox.stats()).inFlight).toBe(3);
    const crashed = rig.crash();
    const survivor = await rig.open({ path: crashed });
    expect((await survivor.dead.list()).map(({ message, reason }) => [message.id, reason])).toEqual(
      [
        ['i1', 'ambiguous'],
        ['i2', 'ambiguous'],
      ],
    );
    const sendx = upstream();
    void survivor.run(sendx.deliver, gateOf());
    await emptied(survivor);
    expect(sendx.attempts.toSorted()).toEqual(['a2', 'c1']);
  });
});

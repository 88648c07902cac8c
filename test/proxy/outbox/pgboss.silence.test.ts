import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/proxy/outbox/clock.ts';
import type { Deliver, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import type { PostgresRig } from './postgres.ts';
import { rigEachTest } from './rigEachTest.ts';
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

// A proxy says that it lives four times in the ten seconds that it may be silent.
const BEAT_MS = 2_500;
const OLD = "now() - interval '1 hour'";

/** The clock of a proxy that has stopped to say that it lives. */
const deaf: Clock = {
  ...systemClock,
  after: (ms, callback) => (ms === BEAT_MS ? () => {} : systemClock.after(ms, callback)),
};

let rig: PostgresRig;
rigEachTest((fresh) => {
  rig = fresh;
});

describe('when a proxy falls silent', () => {
  it('another takes over its lanes, and never an increment twice', async () => {
    const silent = await rig.open({ heartbeatSeconds: 10, clock: deaf });
    const alive = await rig.open({ heartbeatSeconds: 10 });
    await silent.append([
      increment('i1'),
      track('a2'),
      track('b1', 'b@example.com'),
      track('b2', 'b@example.com'),
    ]);
    const hanging = manual();
    void silent.run(hanging.deliver, gateOf(2));
    await until(() => hanging.started.length === 2);
    // What a kill leaves behind: claims that nobody keeps alive.
    await rig.query(`UPDATE sendx_jobs.job SET heartbeat_on = ${OLD} WHERE state = 'active'`);
    const sendx = upstream();
    void alive.run(sendx.deliver, gateOf());
    await expect
      .poll(() => sendx.settled.toSorted(), { timeout: 60_000, interval: 100 })
      .toEqual(['a2', 'b1', 'b2']);
    expect(await alive.dead.get('i1')).toMatchObject({ reason: 'ambiguous', attempts: 1 });
    // The late word of the silent one changes nothing.
    hanging.answer('i1', done);
    hanging.answer('b1', retry(0));
    await emptied(alive);
    await expect.poll(async () => (await silent.stats()).inFlight).toBe(0);
    expect(await alive.stats()).toMatchObject({ waiting: 0, dead: 1 });
    expect(sendx.attempts).toHaveLength(3);
  }, 90_000);

  it('what flew in a lane that joined another is taken over once no other of both flies', async () => {
    const silent = await rig.open({ heartbeatSeconds: 10, clock: deaf });
    const alive = await rig.open({ heartbeatSeconds: 10 });
    const [hanging, going] = [manual(), manual()];
    await silent.append([track('b1', 'b@example.com')]);
    void silent.run(hanging.deliver, gateOf(1));
    await until(() => hanging.started.length === 1);
    await alive.append([track('a1', 'a@example.com'), track('a2', 'a@example.com')]);
    void alive.run(going.deliver, gateOf());
    await until(() => going.started.length === 1);
    // Both fly when their lanes join, which nobody can help; then one of them loses its proxy.
    await alive.append([rename('r', 'a@example.com', 'b@example.com')]);
    const isB1 = `data ->> 'body' LIKE '%"b1"%'`;
    await rig.query(`UPDATE sendx_jobs.job SET heartbeat_on = ${OLD} WHERE ${isB1}`);
    const isPutOff = () =>
      rig.query(`SELECT FROM sendx_jobs.job WHERE ${isB1} AND state = 'retry' AND retry_count > 0`);
    await expect
      .poll(async () => going.started.length > 1 || (await isPutOff()).length > 0, {
        timeout: 60_000,
      })
      .toBe(true);
    expect(going.started).toEqual(['a1']);

    for (const [place, id] of ['a1', 'b1', 'a2', 'r'].entries()) {
      await until(() => going.started.length > place);
      expect(going.started[place]).toBe(id);
      going.answer(id, done);
    }
    await emptied(alive);
    hanging.answer('b1', done);
  }, 90_000);

  it('a lane whose message was in flight joins one where others wait', async () => {
    const silent = await rig.open({ heartbeatSeconds: 10, clock: deaf });
    const alive = await rig.open();
    const hanging = manual();
    await silent.append([track('b1', 'b@example.com'), track('b2', 'b@example.com')]);
    void silent.run(hanging.deliver, gateOf(1));
    await until(() => hanging.started.length === 1);
    // As pg-boss leaves what fell silent, until somebody takes it.
    await rig.query(
      "UPDATE sendx_jobs.job SET state = 'retry', heartbeat_on = NULL WHERE state = 'active'",
    );
    await alive.append([track('a1', 'a@example.com'), track('a2', 'a@example.com')]);
    // They have waited for longer than what was in flight.
    await rig.query(
      `UPDATE sendx_jobs.job SET created_on = created_on - interval '1 minute'
         WHERE data ->> 'body' LIKE '%a@example.com%'`,
    );
    await alive.append([rename('r', 'a@example.com', 'b@example.com')]);
    const sendx = upstream();
    void alive.run(sendx.deliver, gateOf());
    await emptied(alive);
    expect(sendx.settled.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2', 'r']);
    expect(sendx.of('a@example.com')).toEqual(['a1', 'a2', 'r']);
    expect(sendx.of('b@example.com')).toEqual(['b1', 'b2']);
    hanging.answer('b1', done);
  }, 60_000);

  it('a contact that was erased in flight goes on', async () => {
    const silent = await rig.open({ clock: deaf });
    const alive = await rig.open({ heartbeatSeconds: 10 });
    const hanging = manual();
    await silent.append([track('a')]);
    void silent.run(hanging.deliver, gateOf(1));
    await until(() => hanging.started.length === 1);
    await alive.erase('jane@example.com');
    await alive.append([track('b')]);
    const sendx = upstream();
    void alive.run(sendx.deliver, gateOf());
    const isPutOff = () => rig.query("SELECT FROM sendx_jobs.job WHERE state = 'retry'");
    await expect
      .poll(async () => sendx.attempts.length > 0 || (await isPutOff()).length > 0)
      .toBe(true);
    expect(sendx.attempts).toEqual([]);
    await rig.query("UPDATE sendx.flights SET at = now() - interval '11 seconds'");
    await until(() => sendx.settled.length > 0);
    expect(sendx.settled).toEqual(['b']);
    hanging.answer('a', done);
    await emptied(alive);
  }, 60_000);

  it('what waits for a contact erased in flight is put off, though that cannot be forgotten', async () => {
    const silent = await rig.open({ clock: deaf });
    const alive = await rig.open();
    const hanging = manual();
    await silent.append([track('a')]);
    void silent.run(hanging.deliver, gateOf(1));
    await until(() => hanging.started.length === 1);
    await alive.erase('jane@example.com');
    await rig.query(`UPDATE sendx.flights SET at = ${OLD}`);
    await rig.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
       CREATE TRIGGER refuse BEFORE DELETE ON sendx.flights FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    await alive.append([track('b')]);
    const sendx = upstream();
    void alive.run(sendx.deliver, gateOf());
    const isPutOff = () => rig.query("SELECT FROM sendx_jobs.job WHERE state = 'retry'");
    await until(async () => (await isPutOff()).length > 0);
    await rig.query('DROP TRIGGER refuse ON sendx.flights');
    await until(() => sendx.settled.length > 0);
    expect(sendx.settled).toEqual(['b']);
    hanging.answer('a', done);
    await emptied(alive);
  }, 60_000);

  it('it does not deliver by a claim that lapsed what another has in flight', async () => {
    const silent = await rig.open({ heartbeatSeconds: 10, clock: deaf });
    const alive = await rig.open();
    const [hanging, going] = [manual(), manual()];
    await silent.append([track('x', 'x@example.com'), track('y', 'y@example.com')]);
    void silent.run(hanging.deliver, gateOf(1));
    await until(() => hanging.started.length === 1);
    const held = hanging.started[0] === 'x' ? 'y' : 'x';
    // As pg-boss leaves what fell silent, here what was claimed ahead.
    await rig.query(
      `UPDATE sendx_jobs.job SET state = 'retry', heartbeat_on = NULL
         WHERE data ->> 'body' LIKE '%"${held}"%'`,
    );
    void alive.run(going.deliver, gateOf(1));
    await until(() => going.started.length === 1);
    expect(going.started).toEqual([held]);
    await silent.append([track('z', 'z@example.com')]);
    hanging.answer(hanging.started[0] ?? '', done);
    await until(() => hanging.started.length > 1);
    expect(hanging.started.slice(1)).toEqual(['z']);
    hanging.answer('z', done);
    going.answer(held, done);
    await emptied(alive);
  });

  it('and takes its job again, that stays alive when the flight before ends', async () => {
    const hasty: Clock = {
      ...systemClock,
      after: (ms, callback) => systemClock.after(ms === BEAT_MS ? 50 : ms, callback),
    };
    const outbox = await rig.open({ heartbeatSeconds: 10, clock: hasty });
    await outbox.append([track('a')]);
    const answers: ((verdict: Verdict) => void)[] = [];
    const deliver: Deliver = () => new Promise((answer) => answers.push(answer));
    void outbox.run(deliver, gateOf());
    await until(() => answers.length === 1);
    // As pg-boss leaves what fell silent.
    await rig.query("UPDATE sendx_jobs.job SET state = 'retry', heartbeat_on = NULL");
    await until(() => answers.length === 2);
    answers[0]?.(done);
    await expect.poll(async () => (await outbox.stats()).inFlight).toBe(1);
    // Old, but not so old that pg-boss counts the claim as lapsed.
    const old = "now() - interval '5 seconds'";
    // Whatever beat was on its way has come once this has, and one more follows.
    for (let beat = 0; beat < 2; beat += 1) {
      await rig.query(`UPDATE sendx_jobs.job SET heartbeat_on = ${old} WHERE state = 'active'`);
      await expect
        .poll(() => rig.query(`SELECT FROM sendx_jobs.job WHERE heartbeat_on > ${old}`), {
          timeout: 4_000,
        })
        .toHaveLength(1);
    }
    answers[1]?.(done);
    await emptied(outbox);
  });
});

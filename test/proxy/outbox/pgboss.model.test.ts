import fc from 'fast-check';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/proxy/outbox/clock.ts';
import type { Outbox, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { createPgBossOutbox } from '../../../src/proxy/outbox/pgboss.ts';
import { type Cable, layCable } from './cable.ts';
import { EMAILS, type Step, step } from './histories.ts';
import { createOutboxModel } from './outboxModel.ts';
import { type PostgresRig, type PostgresServer, startPostgres } from './postgres.ts';
import { done, gateOf, holdsIncrement, retry } from './scripted.ts';

const BEAT_MS = 2_500;
/** What is waited for comes in milliseconds, on a machine that does nothing else. */
const PATIENCE = { timeout: 15_000, interval: 5 };
const OLD = "now() - interval '1 hour'";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 120_000);
afterAll(() => server.stop());

type Model = ReturnType<typeof createOutboxModel>;
interface Answer {
  readonly worker: number;
  give(verdict: Verdict): void;
}

/** A proxy's share of the history: an outbox at the end of a cable. */
interface Worker {
  readonly outbox: Outbox;
  /** Resolves once what was answered is written. */
  written(): Promise<void>;
  /** Says at once that it lives; resolves when that is written. */
  beat(): Promise<void>;
  crash(): Promise<void>;
  stop(): Promise<void>;
}

async function hire(
  rig: PostgresRig,
  worker: number,
  model: Model,
  answers: Set<Answer>,
  broken: unknown[],
): Promise<Worker> {
  const { port } = new URL(rig.url);
  const cable: Cable = await layCable(Number(port));
  let beat = async () => {};
  let beaten = () => {};
  let isAlive = true;
  const outbox = await createPgBossOutbox({
    url: rig.url.replace(port, String(cable.port)),
    holdsIncrement,
    heartbeatSeconds: 10,
    clock: {
      ...systemClock,
      after(ms, callback) {
        if (ms === BEAT_MS) {
          // The next beat is asked for when the one before has ended.
          beaten();
          beat = () =>
            new Promise((resolve) => {
              beaten = resolve;
              callback();
            });
          return () => {};
        }
        // Polls and second tries are not what is tested here; nobody should wait for them.
        return systemClock.after(ms <= 1_000 ? Math.min(ms, 15) : ms, callback);
      },
    },
  });
  void outbox.run(
    ({ message, attempt, signal }) =>
      new Promise((resolve, reject) => {
        if (!isAlive) return resolve(retry(0));
        try {
          const flight = model.start(message, { worker, attempt });
          const answer: Answer = {
            worker,
            give(verdict) {
              if (!answers.delete(answer)) return;
              model.settle(flight, verdict);
              resolve(verdict);
            },
          };
          answers.add(answer);
          signal.addEventListener('abort', () =>
            isAlive ? answer.give(retry(0)) : resolve(retry(0)),
          );
        } catch (error) {
          broken.push(error);
          reject(error);
        }
      }),
    gateOf(3),
  );
  return {
    outbox,
    async written() {
      const open = () => [...answers].filter((answer) => answer.worker === worker).length;
      await expect.poll(async () => (await outbox.stats()).inFlight - open(), PATIENCE).toBe(0);
    },
    beat: () => beat(),
    async crash() {
      isAlive = false;
      await cable.cut();
      for (const answer of answers) if (answer.worker === worker) answers.delete(answer);
      model.crash(worker);
      await outbox.close(0).catch(() => {});
    },
    async stop() {
      await outbox.close(0);
      await cable.cut();
    },
  };
}

async function play(steps: readonly Step[]): Promise<void> {
  const rig = await server.rig();
  const model = createOutboxModel(true);
  const answers = new Set<Answer>();
  const broken: unknown[] = [];
  const supervisor = new PgBoss({
    connectionString: rig.url,
    schema: 'sendx_jobs',
    max: 1,
    supervise: false,
    schedule: false,
    monitorIntervalSeconds: 1,
  });
  await supervisor.start();
  let hired = 0;
  const next = () => {
    hired += 1;
    return hire(rig, hired, model, answers, broken);
  };
  const workers: [Worker, Worker] = [await next(), await next()];

  /** Makes the claims of whoever does not beat lapse, as a minute of silence does. */
  async function lapse(): Promise<void> {
    const silent = async () => {
      const rows = await rig.query<{ id: string }>(
        `SELECT (data ->> 'body')::json ->> 'id' AS id FROM sendx_jobs.job
           WHERE state = 'active' AND heartbeat_on <= ${OLD}`,
      );
      return rows.filter(({ id }) => model.isFlying(id));
    };
    await rig.query(`UPDATE sendx_jobs.job SET heartbeat_on = ${OLD} WHERE state = 'active'`);
    await rig.query(`UPDATE sendx.flights SET at = ${OLD}`);
    // What was claimed and had not begun when a beat started is said to live by the next one.
    const beats = async () => {
      await Promise.all(workers.map((worker) => worker.beat()));
      return silent();
    };
    await expect.poll(beats, PATIENCE).toEqual([]);
    await rig.query('UPDATE sendx_jobs.queue SET monitor_on = NULL');
    await supervisor.supervise('messages');
    // The contact was erased while its message was in flight in the worker that crashed.
    await rig.query(`DELETE FROM sendx.flights WHERE at <= ${OLD}
      AND job NOT IN (SELECT id FROM sendx_jobs.job)`);
  }

  /** Waits until all that was in flight when the lanes joined is known to the model. */
  async function heard(): Promise<void> {
    const rows = await rig.query<{ job: string; id: string }>(
      `SELECT f.job, (j.data ->> 'body')::json ->> 'id' AS id FROM sendx.flights f
         JOIN sendx_jobs.job j ON j.id = f.job AND j.retry_count = f.claim
         WHERE j.state = 'active'`,
    );
    for (const { job, id } of rows) {
      const landed = async () =>
        (await rig.query('SELECT FROM sendx.flights WHERE job = $1', [job])).length === 0;
      await expect.poll(async () => model.isFlying(id) || (await landed()), PATIENCE).toBe(true);
    }
  }

  const marked = () =>
    rig.query<{ id: string; at: string }>(
      `SELECT f.at::text, (j.data ->> 'body')::json ->> 'id' AS id FROM sendx.flights f
         JOIN sendx_jobs.job j ON j.id = f.job WHERE f.marked`,
    );

  /** Tells the model what a worker had marked when it crashed, and not yet started. */
  async function mourn(survivor: Worker | undefined): Promise<void> {
    const before = await marked();
    await survivor?.written();
    for (const { id, at } of await marked()) {
      if (!before.some((row) => row.id === id && row.at === at)) continue;
      if (!model.isFlying(id)) model.lose(id);
    }
  }

  async function perform(now: Step, index: number): Promise<void> {
    const turn = index % 2 === 0 ? 0 : 1;
    const { outbox } = workers[turn];
    switch (now.do) {
      case 'append':
        for (const messages of now.appends) {
          const isRename = messages.some(
            (message) => message.type === 'identify' && message.traits.newEmail !== undefined,
          );
          model.joining(isRename);
          const appended = outbox.append(messages);
          expect(model.append(messages)).toEqual(await appended);
          if (isRename) await heard();
          model.joining(false);
        }
        break;
      case 'answer':
        [...answers][now.which % Math.max(1, answers.size)]?.give(now.verdict);
        break;
      case 'revive': {
        const letters = await outbox.dead.list();
        const id = letters[now.which % Math.max(1, letters.length)]?.message.id ?? 'nobody';
        const revived = outbox.dead.retry(id);
        expect(model.revive(id)).toBe(await revived);
        break;
      }
      case 'erase': {
        const email = EMAILS[now.which % EMAILS.length] ?? '';
        for (const worker of workers) await worker.written();
        const count = await outbox.erase(email);
        expect(model.erase(email)).toBe(count);
        break;
      }
      case 'crash':
        // What a crash between an answer and its writing does is not for this model to say.
        await workers[turn].written();
        await workers[turn].crash();
        await mourn(workers[1 - turn]);
        workers[turn] = await next();
        await lapse();
        break;
      case 'restart':
        await workers[turn].stop();
        workers[turn] = await next();
        break;
      default:
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  try {
    for (const [index, now] of steps.entries()) {
      await perform(now, index);
      expect(broken).toEqual([]);
    }
    await expect
      .poll(
        async () => {
          for (const answer of [...answers]) answer.give(done);
          if (broken.length > 0) return 0;
          return model.waiting().length + (await workers[0].outbox.stats()).waiting;
        },
        // Nobody is left to wait for: the claims of every proxy that died have lapsed.
        { timeout: 15_000, interval: 10 },
      )
      .toBe(0);
    expect(broken).toEqual([]);
    const letters = await workers[1].outbox.dead.list(1_000);
    expect(letters.map(({ message }) => message.id).toSorted()).toEqual(model.dead().toSorted());
    expect(await workers[1].outbox.stats()).toMatchObject({ waiting: 0, dead: letters.length });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await supervisor.stop({ graceful: false });
    await rig.dispose();
  }
}

it('lets two proxies do what the model does, whatever crashes', async () => {
  const numRuns = process.env.LONG === '1' ? 150 : 6;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), play),
    { numRuns, endOnFailure: true },
  );
}, 900_000);

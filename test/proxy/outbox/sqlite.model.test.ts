import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Deliver, Outbox, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { fakeClock } from './fakeClock.ts';
import { EMAILS, type Step, step } from './histories.ts';
import { createOutboxModel } from './outboxModel.ts';
import { done, gateOf, retry } from './scripted.ts';
import { sqliteRig } from './sqliteRig.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Long enough for appends, marks and verdicts to be committed and for all free lanes to start. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function play(steps: readonly Step[]): Promise<void> {
  const clock = fakeClock();
  const rig = sqliteRig({ clock, seenMs: 10_000 * HOUR_MS, reserveBytes: 0 });
  const model = createOutboxModel();
  const open = new Set<(verdict: Verdict) => void>();
  const broken: unknown[] = [];
  let current = rig.path;
  let outbox: Outbox = await rig.open();
  let stop = () => {};

  function start(): void {
    let alive = true;
    const deliver: Deliver = ({ message: delivered, attempt, signal }) =>
      new Promise((resolve, reject) => {
        try {
          const flight = model.start(delivered, { worker: 0, attempt });
          const answer = (given: Verdict) => {
            if (!open.delete(answer)) return;
            model.settle(flight, given);
            resolve(given);
          };
          open.add(answer);
          signal.addEventListener('abort', () => (alive ? answer(retry(0)) : resolve(retry(0))));
        } catch (error) {
          broken.push(error);
          reject(error);
        }
      });
    void outbox.run(deliver, gateOf(3));
    stop = () => {
      alive = false;
    };
  }

  async function close(): Promise<void> {
    const closing = outbox.close(0);
    clock.pass(0);
    await closing;
  }

  async function restart(path: string): Promise<void> {
    outbox = await rig.open({ path });
    start();
  }

  async function perform(now: Step): Promise<void> {
    switch (now.do) {
      case 'append': {
        const wanted = now.appends.map((messages) => model.append(messages));
        const got = await Promise.all(now.appends.map((messages) => outbox.append(messages)));
        expect(got).toEqual(wanted);
        break;
      }
      case 'answer': {
        [...open][now.which % Math.max(1, open.size)]?.(now.verdict);
        break;
      }
      case 'pass':
        clock.pass(now.ms);
        break;
      case 'set':
        clock.set(now.ms);
        break;
      case 'revive': {
        const letters = model.dead();
        const name = letters[now.which % Math.max(1, letters.length)] ?? 'nobody';
        const revived = outbox.dead.retry(name);
        expect(model.revive(name)).toBe(await revived);
        break;
      }
      case 'erase': {
        const who = EMAILS[now.which % EMAILS.length] ?? '';
        const count = await outbox.erase(who);
        expect(count).toBe(model.erase(who));
        break;
      }
      case 'restart':
        await close();
        await restart(current);
        break;
      case 'crash': {
        const crashed = rig.crash(current);
        model.crash(0);
        open.clear();
        stop();
        await close();
        current = crashed;
        await restart(crashed);
      }
    }
  }

  try {
    start();
    for (const now of steps) {
      await perform(now);
      await turns();
      expect(broken).toEqual([]);
      const { waiting, dead: letters, inFlight } = await outbox.stats();
      expect({ waiting, dead: letters, inFlight }).toEqual({
        waiting: model.waiting().length,
        dead: model.dead().length,
        inFlight: model.inFlight(),
      });
    }
    for (let round = 0; model.waiting().length > 0 || open.size > 0; round += 1) {
      expect(round).toBeLessThan(300);
      for (const answer of [...open]) answer(done);
      clock.pass(30_000);
      await turns();
    }
    expect(broken).toEqual([]);
    expect(await outbox.stats()).toMatchObject({ waiting: 0, dead: model.dead().length });
  } finally {
    stop();
    const disposed = rig.dispose();
    clock.pass(0);
    await disposed;
  }
}

it('does what the model does, whatever is appended, answered, crashed, erased and restarted', async () => {
  const numRuns = process.env.LONG === '1' ? 2_000 : 60;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), play),
    { numRuns },
  );
}, 600_000);

import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Gate, Outbox } from '../../../src/proxy/outbox/outbox.ts';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import { temporaryFolder } from '../fixture.ts';
import { done, holdsIncrement, track } from './scripted.ts';

const LONG = process.env.LONG === '1';
const [SMALL, LARGE] = [10_000, 1_000_000];
const ROUNDS = 15;
/** What is appended and drained in a round: a page's ten messages each, 64 at a time. */
const APPENDS = 640;
const BATCH = 10;
const PARALLEL = 64;

/** How much longer it may take. */
const MOST = 1.2;

/** A gate that lets through as many as it is told to, 64 at a time. */
function turnstile(): Gate & { pass(count: number): Promise<void> } {
  let left = 0;
  let inside = 0;
  let wake = () => {};
  let emptied = () => {};
  return {
    async enter(signal) {
      while ((left <= 0 || inside === PARALLEL) && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      signal.throwIfAborted();
      left -= 1;
      inside += 1;
      return {
        leave(verdict) {
          inside -= 1;
          if (verdict === undefined) left += 1;
          if (left + inside === 0) emptied();
          wake();
        },
      };
    },
    pass(count) {
      left = count;
      wake();
      return new Promise((resolve) => {
        emptied = resolve;
      });
    },
  };
}

/** A store that holds `waiting` messages before each round. */
async function store(waiting: number) {
  const path = join(temporaryFolder(), 'outbox.sqlite');
  const outbox: Outbox = await createSqliteOutbox({ path, holdsIncrement, maxRows: 2 * LARGE });
  onTestFinished(() => outbox.close(0));
  const lanes = waiting / BATCH;
  let made = 0;
  const appendTen = () => {
    const email = `contact${(made / BATCH) % lanes}@example.com`;
    const messages = Array.from({ length: BATCH }, () => {
      made += 1;
      return track(`mhx3k2a1-${made.toString(36).padStart(8, '0')}-0`, email);
    });
    return outbox.append(messages);
  };
  async function append(appends: number): Promise<void> {
    let left = appends;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        await appendTen();
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  }
  const gate = turnstile();
  await append(waiting / BATCH);
  void outbox.run(async () => done, gate);
  async function drain(): Promise<void> {
    await gate.pass(APPENDS * BATCH);
    while ((await outbox.stats()).waiting > waiting) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { append: () => append(APPENDS), drain };
}

async function seconds(work: () => Promise<void> | undefined): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

describe.runIf(LONG)('from 10,000 to 1,000,000 waiting messages', () => {
  it('appending and draining take no longer, within 20 %', async () => {
    const sizes = [SMALL, LARGE];
    const stores = await Promise.all(sizes.map(store));
    const took = sizes.map(() => ({ append: [] as number[], drain: [] as number[] }));
    for (let round = 0; round < ROUNDS; round += 1) {
      // In turns, so that what else the machine does meets each alike.
      for (const place of round % 2 === 0 ? [0, 1] : [1, 0]) {
        took[place]?.append.push(await seconds(() => stores[place]?.append()));
        took[place]?.drain.push(await seconds(() => stores[place]?.drain()));
      }
    }
    for (const work of ['append', 'drain'] as const) {
      const [small = 0, large = 0] = took.map((times) => median(times[work]));
      const [perSecond, ratio] = [(APPENDS * BATCH) / large, large / small];
      process.stdout.write(
        `${work}: ${perSecond.toFixed(0)}/s at ${LARGE} waiting, ${ratio.toFixed(2)} of the time at ${SMALL}\n`,
      );
      expect(ratio, work).toBeLessThanOrEqual(MOST);
    }
  }, 600_000);
});

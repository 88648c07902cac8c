import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSteadyStore } from '../../bench/servers/steadyStore.ts';
import { temporaryFolder } from '../fixture.ts';

const LONG = process.env.LONG === '1';
const [SMALL, LARGE] = [10_000, 1_000_000];
const ROUNDS = 15;
/** What is appended and drained in a round. */
const STEP = 6_400;

/** How much longer it may take. */
const MOST = 1.2;

/** A store that holds `waiting` messages before each round, ten of each contact. */
async function store(waiting: number) {
  const opened = await openSteadyStore(
    join(temporaryFolder(), 'outbox.sqlite'),
    waiting,
    waiting / 10,
  );
  onTestFinished(opened.close);
  return opened;
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

describe.runIf(LONG)('from 10,000 to 1,000,000 waiting messages', () => {
  it('appending and draining take no longer, within 20 %', async () => {
    const stores = [await store(SMALL), await store(LARGE)];
    const rates = stores.map(() => ({ append: [] as number[], drain: [] as number[] }));
    for (let round = 0; round < ROUNDS; round += 1) {
      // In turns, so that what else the machine does meets each alike.
      for (const place of round % 2 === 0 ? [0, 1] : [1, 0]) {
        rates[place]?.append.push((await stores[place]?.append(STEP)) ?? Number.NaN);
        rates[place]?.drain.push((await stores[place]?.drain(STEP)) ?? Number.NaN);
      }
    }
    for (const work of ['append', 'drain'] as const) {
      const [small = Number.NaN, large = Number.NaN] = rates.map((found) => median(found[work]));
      const ratio = small / large;
      process.stdout.write(
        `${work}: ${large.toFixed(0)}/s at ${LARGE} waiting, ${ratio.toFixed(2)} of the time at ${SMALL}\n`,
      );
      expect(ratio, work).toBeLessThanOrEqual(MOST);
    }
  }, 600_000);
});

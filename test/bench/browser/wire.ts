import { type Collector, startCollector } from './collector.ts';
import type { Contestant } from './contestants.ts';
import { addressOf, newVisitor, openScene, type Stage } from './stage.ts';

/** Longer than any contestant's batch waits. */
const PATIENCE_MS = 12_000;

/** What identify and 20 tracks of one task take to a server on another origin. */
export interface Wire {
  readonly requests: number;
  readonly preflights: number;
  /** Bytes sent, headers included. */
  readonly sent: number;
  /** Of the 20 tracks. */
  readonly arrived: number;
  /** Uses of `localStorage.setItem`. */
  readonly writes: number;
  /** Of these, before the last call returned: what a page keeps that dies in the same task. */
  readonly early: number;
  /** Characters in `localStorage` at the most, and when all has arrived. */
  readonly most: number;
  readonly left: number;
}

/** Counts writes, and how much is stored at the most. Assigned properties are not counted. */
const COUNT = `
  window.writes = 0;
  window.most = 0;
  window.stored = () => Object.entries(localStorage).join('').length;
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (...item) {
    setItem.apply(this, item);
    if (this !== localStorage) return;
    writes += 1;
    most = Math.max(most, stored());
  };`;

/** Runs until all has arrived and the storage is as it stays, or patience ends. */
export async function measureWire(stage: Stage, contestant: Contestant): Promise<Wire> {
  const collector = await startCollector();
  const { context, page, visit } = await openScene(stage, contestant, addressOf(collector.port));
  await page.addInitScript(COUNT);
  await visit();
  // What it asks for at its start is not what the calls cost.
  await page.waitForLoadState('networkidle');
  const start = countsOf(collector);
  const visitor = newVisitor();
  const names = Array.from({ length: 20 }, (_, each) => `${visitor}-${each}.`);
  const early = await page.evaluate(
    ({ visitor, names }) => {
      window.writes = 0;
      window.bench.identify(`${visitor}@example.com`);
      for (const name of names) window.bench.track(name, ['viewed-pricing', 'newsletter']);
      return window.writes;
    },
    { visitor, names },
  );
  const arrived = () => names.filter((name) => collector.has(name)).length;
  const until = performance.now() + PATIENCE_MS;
  // Two looks alike, a second apart: what deletes or repeats has had its turn.
  for (let last = ''; performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const now = JSON.stringify([countsOf(collector), await page.evaluate('stored()')]);
    if (now === last && arrived() === names.length) break;
    last = now;
  }
  const end = countsOf(collector);
  const [writes = 0, most = 0, left = 0] = await page.evaluate<number[]>(
    '[writes, most, stored()]',
  );
  const result = {
    requests: end.requests - start.requests,
    preflights: end.preflights - start.preflights,
    sent: end.bytes - start.bytes,
    arrived: arrived(),
    writes,
    early,
    most,
    left,
  };
  await context.close();
  await collector.close();
  return result;
}

const countsOf = ({ requests, preflights, bytes }: Collector) => ({
  requests: requests(),
  preflights: preflights(),
  bytes: bytes(),
});

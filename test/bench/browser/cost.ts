import type { CDPSession } from 'playwright';
import type { Contestant } from './contestants.ts';
import { addressOf, ISOLATED, newVisitor, openScene, type Stage } from './stage.ts';

/** As slow as a phone of the middle range is beside a developer's machine. */
export const SLOWED = 4;

/** Milliseconds in which what is put off after calls gets done, batches on a timer apart. */
const AFTERMATH_MS = 1_000;

/** What one visit cost the main thread. */
export interface Cost {
  /** Milliseconds to evaluate and install it, slowed {@link SLOWED} times. */
  readonly install: number;
  /** Milliseconds of all tasks in the second that identify and 20 tracks begin, slowed. */
  readonly busy: number;
  /** Tasks over 50 ms in all of it, slowed. */
  readonly longTasks: number;
  /** Kilobytes of the heap after a collection, all that is in a page without it included. */
  readonly heap: number;
}

/** Loads a page that has never been seen, identifies and tracks 20 times. */
export async function measureVisit(
  stage: Stage,
  contestant: Contestant,
  port: number,
): Promise<Cost> {
  const { context, page, visit } = await openScene(stage, contestant, addressOf(port), ISOLATED);
  const debug = await context.newCDPSession(page);
  await debug.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
  const busyMs = await watchTasks(debug);
  await visit();
  const install = await page.evaluate(() => window.installed);
  const before = await busyMs();
  await page.evaluate(
    async ({ visitor, ms }) => {
      window.bench.identify(`${visitor}@example.com`);
      for (let each = 0; each < 20; each += 1)
        window.bench.track(`${visitor}-${each}`, ['viewed-pricing', 'newsletter']);
      await new Promise((resolve) => setTimeout(resolve, ms));
    },
    { visitor: newVisitor(), ms: AFTERMATH_MS },
  );
  const busy = (await busyMs()) - before;
  const longTasks = await page.evaluate(() => window.longTasks.length);
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize } = await debug.send('Runtime.getHeapUsage');
  await context.close();
  return { install, busy, longTasks, heap: usedSize / 1024 };
}

/** What each of many calls in one task takes, in microseconds. */
export interface Flood {
  /** Until it returns. */
  readonly returned: number;
  /** Its share of all tasks within a second: what a library puts off is in it. */
  readonly whole: number;
}

/** Tracks so often in one task, behind an identify, at the machine's own speed. */
export async function measureFlood(
  stage: Stage,
  contestant: Contestant,
  port: number,
  calls: number,
): Promise<Flood> {
  const { context, page, visit } = await openScene(stage, contestant, addressOf(port), ISOLATED);
  const busyMs = await watchTasks(await context.newCDPSession(page));
  await visit();
  const visitor = newVisitor();
  await page.evaluate(async (visitor) => {
    window.bench.identify(`${visitor}@example.com`);
    window.bench.track(visitor, ['viewed-pricing']);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }, visitor);
  const before = await busyMs();
  const returned = await page.evaluate(
    async ({ visitor, calls, ms }) => {
      const start = performance.now();
      for (let each = 0; each < calls; each += 1)
        window.bench.track(`${visitor}-${each}`, ['viewed-pricing', 'newsletter']);
      const until = performance.now();
      await new Promise((resolve) => setTimeout(resolve, ms));
      return until - start;
    },
    { visitor, calls, ms: AFTERMATH_MS },
  );
  const whole = (await busyMs()) - before;
  await context.close();
  return { returned: (returned * 1_000) / calls, whole: (whole * 1_000) / calls };
}

/** @returns Reads the milliseconds that the page's tasks took so far. */
async function watchTasks(debug: CDPSession): Promise<() => Promise<number>> {
  await debug.send('Performance.enable');
  return async () => {
    const { metrics } = await debug.send('Performance.getMetrics');
    return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
  };
}

/**
 * Microseconds that a track takes until it returns, at the machine's own speed: the mean of each
 * number of calls in one task, one task after the other, behind an identify.
 */
export async function measureCalls(
  stage: Stage,
  contestant: Contestant,
  port: number,
  numbers: readonly number[],
): Promise<readonly number[]> {
  const { context, page, visit } = await openScene(stage, contestant, addressOf(port), ISOLATED);
  await visit();
  const means = await page.evaluate(
    async ({ visitor, numbers }) => {
      window.bench.identify(`${visitor}@example.com`);
      const means: number[] = [];
      let count = 0;
      for (const calls of numbers) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const start = performance.now();
        for (let each = 0; each < calls; each += 1)
          window.bench.track(`${visitor}-${count++}`, ['viewed-pricing', 'newsletter']);
        means.push(((performance.now() - start) * 1_000) / calls);
      }
      return means;
    },
    { visitor: newVisitor(), numbers },
  );
  await context.close();
  return means;
}

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../fixture.ts';
import type { OutageReport } from './outage.ts';

const LONG = process.env.LONG === '1';
const [MESSAGES, CONTACTS] = LONG ? [100_000, 5_000] : [2_000, 100];
const CONCURRENCY = 16;
/** What so many at a time come to where each takes 50 ms. */
const PER_SECOND = CONCURRENCY * 20;
const MAX_RSS_MIB = 200;
const ROOT = new URL('../../..', import.meta.url).pathname;

async function endure(): Promise<OutageReport> {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/sendx-outage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'outage.mjs');
  await build({
    entryPoints: [join(ROOT, 'test/proxy/outbox/outage.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'silent',
  });
  const words = [MESSAGES, CONTACTS, CONCURRENCY].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [
    outfile,
    join(temporaryFolder(), 'outbox.sqlite'),
    ...words,
  ]);
  return JSON.parse(stdout) as OutageReport;
}

it('after an hour without SendX delivers all that waited, in order, paced and in little memory', async () => {
  const report = await endure();
  process.stdout.write(
    `${report.appended} messages, ${report.callsDown} calls in an hour of outage; then drained in ` +
      `${(report.drainedMs / 1_000).toFixed(0)} s at most ${report.mostPerSecond} calls a second; ` +
      `${report.maxRssMiB.toFixed(0)} MiB resident\n`,
  );
  expect(report).toMatchObject({ appended: MESSAGES, waiting: 0, outOfOrder: 0, dead: 0 });
  expect(report.maxRssMiB).toBeLessThan(MAX_RSS_MIB);

  // While it is down: what was in flight when it began, and a probe at least every 30 s.
  expect(report.callsDown).toBeGreaterThanOrEqual(60);
  expect(report.callsDown).toBeLessThanOrEqual(CONCURRENCY + 150);

  // Once it is back: one probe alone, then one more at a time with each answer.
  const [probe = 0, second = 0] = report.firstCalls;
  expect(probe).toBeLessThanOrEqual(60_000);
  expect(second - probe).toBeGreaterThanOrEqual(50);
  const inFirst = (ms: number) => report.firstCalls.filter((at) => at - probe < ms).length;
  expect(inFirst(100)).toBeLessThanOrEqual(2);
  expect(inFirst(150)).toBeLessThanOrEqual(4);
  expect(inFirst(200)).toBeLessThanOrEqual(8);
  expect(report.mostAtOnce).toBeLessThanOrEqual(CONCURRENCY);
  expect(report.mostPerSecond).toBeLessThanOrEqual(PER_SECOND + CONCURRENCY);
  // Held up by nothing but that: the poisoned lane, and the last pauses of 5 minutes.
  expect(report.drainedMs).toBeLessThanOrEqual((MESSAGES / PER_SECOND) * 1_000 * 1.2 + 6 * 60_000);
  expect([report.leftBehind, report.stateThen]).toEqual([MESSAGES / CONTACTS, 'closed']);
}, 300_000);

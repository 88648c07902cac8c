import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readStoreDisk } from '../../src/proxy/metrics/storeDisk.ts';
import { createMetrics } from '../../src/proxy/metrics.ts';
import type { OutboxStats } from '../../src/proxy/outbox/outbox.ts';
import { createFakeClock } from './fakeClock.ts';
import { temporaryFolder } from './fixture.ts';

const STATS: OutboxStats = { waiting: 3, oldestMs: 2_000, inFlight: 1, dead: 4 };
const STORE_GAUGES = [
  'sendx_proxy_outbox_waiting 3',
  'sendx_proxy_outbox_oldest_seconds 2',
  'sendx_proxy_outbox_in_flight 1',
  'sendx_proxy_outbox_dead_letters 4',
];

function setUp() {
  const clock = createFakeClock();
  const stats = vi.fn<() => Promise<OutboxStats>>(async () => STATS);
  const metrics = createMetrics({ stats, isCircuitOpen: () => true, clock }, false);
  /** The samples of one reading, without their help. */
  const read = async () => (await metrics.text()).split('\n').filter((line) => /^[^#]/.test(line));
  return { clock, stats, metrics, read };
}

test('the store is up, and its numbers are there, while it answers', async () => {
  const lines = await setUp().read();
  expect(lines).toEqual(expect.arrayContaining(['sendx_proxy_store_up 1', ...STORE_GAUGES]));
});

test('without the store the rest is read, and no number of the store is made up', async () => {
  const { stats, metrics, read } = setUp();
  await read();
  metrics.result('refused', 'invalid');
  stats.mockRejectedValueOnce(new Error('disk'));

  const lines = await read();

  expect(lines).toContain('sendx_proxy_store_up 0');
  expect(lines).toContain('sendx_proxy_circuit_open 1');
  expect(lines).toContain('sendx_proxy_results_total{status="refused",code="invalid"} 1');
  expect(lines.filter((line) => line.includes('outbox_'))).toEqual([]);
  expect(await read()).toEqual(expect.arrayContaining(['sendx_proxy_store_up 1', ...STORE_GAUGES]));
});

test('a store that hangs is down before the scraper gives up', async () => {
  const { clock, stats, read } = setUp();
  stats.mockImplementationOnce(() => new Promise(() => undefined));
  const reading = read();
  await clock.advance(5_000);
  expect(await reading).toContain('sendx_proxy_store_up 0');
});

test('a store that is a file tells what it takes of its disk, and what is left', async () => {
  const path = join(temporaryFolder(), 'outbox.sqlite');
  const disk = () => readStoreDisk(path);
  const metrics = createMetrics(
    { stats: async () => STATS, disk, isCircuitOpen: () => true },
    false,
  );
  const read = async (name: string) =>
    Number(new RegExp(`^${name} (.+)$`, 'm').exec(await metrics.text())?.[1]);
  expect(await read('sendx_proxy_store_bytes')).toBe(0);
  writeFileSync(path, 'x'.repeat(1_000));
  writeFileSync(`${path}-wal`, 'x'.repeat(500));
  writeFileSync(`${path}-reserve`, 'x'.repeat(30));
  expect(await read('sendx_proxy_store_bytes')).toBe(1_530);
  expect(await read('sendx_proxy_store_free_bytes')).toBeGreaterThan(0);
});

test('no store that is elsewhere has figures of a disk, nor one whose files cannot be looked at', async () => {
  const stats = async () => STATS;
  const isCircuitOpen = () => false;
  expect(await createMetrics({ stats, isCircuitOpen }, false).text()).not.toContain('_bytes ');
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  // A disk that is not there, and a store that cannot be looked at though its disk can.
  for (const path of ['/nowhere/at/all/outbox.sqlite', join(file, 'outbox.sqlite')]) {
    const disk = () => readStoreDisk(path);
    const text = await createMetrics({ stats, disk, isCircuitOpen }, false).text();
    expect(text).not.toMatch(/_bytes \d/);
    expect(text).toContain('sendx_proxy_store_up 1');
  }
});

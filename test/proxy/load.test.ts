import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import type { Receipt } from '../../src/protocol.ts';
import { SITE, temporaryFolder } from './fixture.ts';
import { API_KEY, CANARY, IDENTITY_SECRET } from './load/canary.ts';
import { visit } from './load/pages.ts';
import { type Helper, startHelper } from './load/rig.ts';
import { throughput } from './load/throughput.ts';
import { buildProgram, freePort, type Program } from './program.ts';

const LONG = process.env.LONG === '1';

/** Ten minutes of a site with four requests a second, in one. */
const PER_SECOND = 40;
const [CALM_SECONDS, LOUD_SECONDS] = LONG ? [10, 60] : [0.4, 1.5];

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

async function startProxy(more: Record<string, string>) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const run = program.run([], {
    SENDX_API_KEY: API_KEY,
    ALLOWED_ORIGINS: SITE,
    ALLOWED_TAGS: 'newsletter',
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
    ...more,
  });
  const stop = async () => {
    run.child.kill('SIGTERM');
    await run.ended;
  };
  onTestFinished(stop);
  await vi.waitFor(() => expect(run.out() + run.err()).toContain('Listening'), 15_000);
  const admin = async (path: string) =>
    (await fetch(`http://127.0.0.1:${adminPort}${path}`)).text();
  return { port, admin, stop, logs: () => run.out() + run.err() };
}

const p99 = (ascending: readonly number[]) =>
  ascending[Math.ceil(ascending.length * 0.99) - 1] ?? Number.NaN;
const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

/** Ids that an answer says are on disk. */
function acceptedIn(answer: string): readonly string[] {
  if (statusOf(answer) !== 202) return [];
  const { results } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Receipt;
  return results.flatMap(({ id, status }) =>
    status === 'accepted' || status === 'duplicate' ? [id] : [],
  );
}

interface Heard {
  readonly kind: string;
  readonly answer: string;
}

const heardBy = (noise: Helper) =>
  noise
    .out()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Heard);

/** How often each kind of client got each status; 0 is none. */
function tally(heard: readonly Heard[]): Record<string, Record<number, number>> {
  const table: Record<string, Record<number, number>> = {};
  for (const { kind, answer } of heard) {
    const row = table[kind] ?? {};
    const status = statusOf(answer);
    table[kind] = { ...row, [status]: (row[status] ?? 0) + 1 };
  }
  return table;
}

/** Resident megabytes twice a second until it is stopped. */
function watchMemory(admin: (path: string) => Promise<string>) {
  const sizes: number[] = [];
  const timer = setInterval(async () => {
    const [, bytes] = /^process_resident_memory_bytes (\S+)/m.exec(await admin('/metrics')) ?? [];
    sizes.push(Number(bytes) / 2 ** 20);
  }, 500);
  onTestFinished(() => clearInterval(timer));
  return () => {
    clearInterval(timer);
    const quarter = Math.floor(sizes.length / 4);
    const plateau = (from: number) => median(sizes.slice(from, from + Math.max(quarter, 1)));
    return { before: plateau(quarter), after: plateau(sizes.length - Math.max(quarter, 1)) };
  };
}

const say = (line: string) => process.stdout.write(`${line}\n`);

test('among invalid, hostile, flooding and slow clients, honest pages lose nothing, wait no longer, and nothing leaks', async () => {
  const sendx = await startEmulator({ apiKey: API_KEY, limit: 1_000_000 });
  onTestFinished(sendx.close);
  const proxy = await startProxy({
    SENDX_API_URL: sendx.url,
    IDENTITY_SECRETS: IDENTITY_SECRET,
    TRUSTED_HOPS: '1',
    RATE_LIMIT_CONTACT: '1000',
    LOG_LEVEL: 'debug',
  });
  const { port, admin } = proxy;

  await visit({ port, perSecond: PER_SECOND, seconds: LONG ? 5 : 0.5, name: 'warm' });
  const before = await visit({ port, perSecond: PER_SECOND, seconds: CALM_SECONDS, name: 'calm' });
  const noise = await startHelper('proxy/load/noise', [String(port), SITE]);
  await vi.waitFor(() => expect(heardBy(noise).length).toBeGreaterThan(20), 10_000);
  const plateaus = watchMemory(admin);
  const loud = await visit({ port, perSecond: PER_SECOND, seconds: LOUD_SECONDS, name: 'loud' });
  const memory = plateaus();
  await noise.end();
  const heard = heardBy(noise);
  // Before and after, so that what else the machine does counts on both sides.
  const after = await visit({ port, perSecond: PER_SECOND, seconds: CALM_SECONDS, name: 'late' });
  const calm = [...before.latencies, ...after.latencies].toSorted((a, b) => a - b);

  const ratio = p99(loud.latencies) / p99(calm);
  say(
    `p99 ${p99(calm).toFixed(1)} ms alone, ${p99(loud.latencies).toFixed(1)} ms in noise (${ratio.toFixed(2)}x); median ${median(calm).toFixed(1)} and ${median(loud.latencies).toFixed(1)} ms`,
  );
  say(`resident ${memory.before.toFixed(0)} MB, then ${memory.after.toFixed(0)} MB`);
  say(
    `${loud.latencies.length} honest requests, ${loud.repeats} repeated; noise by status ${JSON.stringify(tally(heard))}`,
  );
  expect(noise.err()).toBe('');

  await expect
    .poll(async () => JSON.parse(await admin('/status')).waiting, { timeout: 60_000 })
    .toBe(0);
  expect(JSON.parse(await admin('/status')).dead).toBe(0);
  const honest = [before, loud, after].flatMap(({ answers }) => answers);
  expect(honest.map(statusOf).filter((status) => status !== 202)).toEqual([]);
  expect(honest.join('')).not.toMatch(/"(later|refused)"/);
  const accepted = new Set([...honest, ...heard.map(({ answer }) => answer)].flatMap(acceptedIn));
  expect(accepted.size).toBeGreaterThan(PER_SECOND * LOUD_SECONDS);
  const journal = sendx.emulator.journal();
  const delivered = journal.map(
    ({ body }) => (body as { customFields?: { Step?: string } }).customFields?.Step ?? '',
  );
  const arrived = new Set(delivered);
  expect([...accepted].filter((id) => !arrived.has(id))).toEqual([]);
  expect(arrived.size).toBe(delivered.length);

  const kinds = tally(heard);
  expect(Object.keys(kinds).sort()).toEqual(['flood', 'hostile', 'invalid', 'slow']);
  const statuses = Object.values(kinds).flatMap((row) => Object.keys(row).map(Number));
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  expect(statuses).toEqual(expect.arrayContaining([202, 400, 404, 405, 413, 415, 422, 431]));

  const metrics = await admin('/metrics');
  await proxy.stop();
  const logs = proxy.logs();
  const requested = journal.map(({ path, query }) => JSON.stringify([path, query])).join('\n');
  // The load itself would show: each of these is full of what happened.
  expect(logs).toContain('"Result"');
  expect(requested).toContain('/contact/identify');
  expect(JSON.stringify(sendx.emulator.contacts())).toContain(CANARY);
  const leaks = Object.entries({
    logs,
    metrics,
    'answers to pages': honest.join('\n'),
    // A refusal names the tag to the one who sent it, and to nobody else.
    'answers to others': heard
      .map(({ answer }) => answer.replaceAll(/the tag “[^”]*” is not in ALLOWED_TAGS/g, ''))
      .join('\n'),
    URLs: requested,
  }).filter(([, text]) => /canary|%63anary|\[api key\]/i.test(text));
  expect(leaks.map(([where]) => where)).toEqual([]);

  if (!LONG) return;
  expect(statuses).toEqual(expect.arrayContaining([408, 429]));
  expect(ratio).toBeLessThanOrEqual(2);
  expect(memory.after).toBeLessThan(memory.before * 1.15 + 5);
}, 300_000);

/** Seconds that each server is measured. */
const ROUNDS = 6;

describe.runIf(LONG)('throughput', () => {
  test('is at least 0.6 of that of bare node:http with the same validation and store', async () => {
    const proxy = await startProxy({
      // Nobody is there: only taking is measured.
      SENDX_API_URL: `http://127.0.0.1:${await freePort()}`,
      RATE_LIMIT_IP: '0',
      RATE_LIMIT_CONTACT: '0',
    });
    const bareOn = async (path: string) => {
      const bare = await startHelper('proxy/load/bare', [SITE, path]);
      await vi.waitFor(() => expect(bare.out(), bare.err()).toContain('port '), 10_000);
      return Number(bare.out().split(' ')[1]);
    };
    const ports = {
      proxy: proxy.port,
      'bare, with the same store': await bareOn(join(temporaryFolder(), 'bare.sqlite')),
      'bare, without a store': await bareOn(''),
    };
    const figures: Record<string, number> = {};
    for (const [name, port] of Object.entries(ports)) {
      await throughput(port, 1);
      figures[name] = 0;
    }
    // In turns, so that what else the machine does meets each alike.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, port] of Object.entries(ports))
        figures[name] = (figures[name] ?? 0) + (await throughput(port, 1)).perSecond / ROUNDS;
    }
    const { proxy: own = 0, ...others } = figures;
    say(
      `${own.toFixed(0)} requests a second; ${Object.entries(others)
        .map(([name, rate]) => `${name} ${rate.toFixed(0)} (${(own / rate).toFixed(2)})`)
        .join('; ')}`,
    );
    expect(own / (others['bare, with the same store'] ?? 0)).toBeGreaterThanOrEqual(0.6);
  }, 120_000);
});

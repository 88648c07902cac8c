import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { InvalidSettings, openProxy } from '../../src/proxy/openProxy.ts';
import type { RunningProxy } from '../../src/proxy/serve.ts';
import { ASSETS, capturedLog, envelope, SITE, temporaryFolder, track } from './fixture.ts';

const environment = (more: Record<string, string> = {}) => ({
  SENDX_API_KEY: 'a-key',
  ALLOWED_ORIGINS: SITE,
  ALLOWED_TAGS: 'newsletter',
  // Nothing listens on this port.
  SENDX_API_URL: 'http://127.0.0.1:1',
  HOST: '127.0.0.1',
  PORT: '0',
  ADMIN_PORT: '0',
  OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
  ...more,
});

async function start(env: Record<string, string>) {
  const { log, lines } = capturedLog();
  const proxy = await openProxy({ env, log, readAssets: () => ASSETS });
  onTestFinished(() => proxy.close());
  return { proxy, lines };
}

const post = ({ url }: RunningProxy, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { Origin: SITE, 'Content-Type': 'text/plain', ...headers },
    body: JSON.stringify(envelope([track()])),
  });

test('names every setting that is wrong, and starts nothing', async () => {
  const error = await start({ ...environment({ PORT: 'x' }), ALLOWED_TAGS: '' }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InvalidSettings);
  const { problems } = error as InvalidSettings;
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['ALLOWED_TAGS', 'PORT']);
});

test('answers on both ports, and on neither once it is closed', async () => {
  const { proxy } = await start(environment());
  expect((await post(proxy)).status).toBe(202);
  expect((await fetch(`${proxy.adminUrl}/readyz`)).status).toBe(200);
  const metrics = await (await fetch(`${proxy.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/^sendx_proxy_store_bytes [1-9]\d{3,}$/m);
  await proxy.close();
  await expect(fetch(proxy.url)).rejects.toThrow();
  await expect(fetch(proxy.adminUrl)).rejects.toThrow();
});

test('ten starts and closes leave one monitor of the process, which all of them read', async () => {
  const first = await start(environment());
  await first.proxy.close();
  // The module as prom-client takes it: what it calls there runs until the process ends.
  const hooks = createRequire(import.meta.url)('node:perf_hooks') as typeof import('perf_hooks');
  const spies = [
    vi.spyOn(hooks, 'monitorEventLoopDelay'),
    vi.spyOn(PerformanceObserver.prototype, 'observe'),
  ];
  onTestFinished(() => void vi.restoreAllMocks());
  for (let turn = 1; turn < 10; turn += 1) {
    const { proxy } = await start(environment());
    const metrics = await (await fetch(`${proxy.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^process_cpu_seconds_total \d/m);
    expect(metrics).toMatch(/^sendx_proxy_store_up 1$/m);
    await proxy.close();
  }
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
});

test('gives the store back when a port is taken', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void holder.close());
  const { port } = holder.address() as AddressInfo;
  const env = environment();
  await expect(start({ ...env, PORT: `${port}` })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken`,
  );
  const { proxy } = await start(env);
  expect((await post(proxy)).status).toBe(202);
});

test('warns once of visitors who come through a proxy that it was not told of', async () => {
  const isWarning = (line: string) => line.includes('TRUSTED_HOPS=0');
  const { proxy, lines } = await start(environment());
  await post(proxy);
  expect(lines.filter(isWarning)).toEqual([]);
  for (const visitor of ['203.0.113.7', '203.0.113.8'])
    expect((await post(proxy, { 'X-Forwarded-For': visitor })).status).toBe(202);
  expect(lines.filter(isWarning)).toHaveLength(1);
  expect(lines.find(isWarning)).not.toContain('203.0.113');

  const told = await start(environment({ TRUSTED_HOPS: '1' }));
  await post(told.proxy, { 'X-Forwarded-For': '203.0.113.7' });
  expect(told.lines.filter(isWarning)).toEqual([]);
});

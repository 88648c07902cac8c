import { describe, expect, test, vi } from 'vitest';
import { readInstallFacts } from '../../src/proxy/admin/installFacts.ts';
import { createTally } from '../../src/proxy/admin/tally.ts';
import { createAdmin } from '../../src/proxy/admin.ts';
import type { CircuitState } from '../../src/proxy/delivery/circuit.ts';
import type { UpstreamHealth } from '../../src/proxy/delivery/upstreamHealth.ts';
import { createMetrics } from '../../src/proxy/metrics.ts';
import { createLiveOperator } from '../../src/proxy/operator/operator.ts';
import { createRemoteOperator } from '../../src/proxy/operator/remoteOperator.ts';
import type { Outbox, Verdict } from '../../src/proxy/outbox/outbox.ts';
import { ASSETS, capturedLog, identify, openTestOutbox, settingsOf, track } from './fixture.ts';

interface Options {
  readonly host?: string;
  readonly unready?: string;
  readonly state?: CircuitState;
  readonly outbox?: Outbox;
}

async function start(options: Options = {}) {
  const { host = '127.0.0.1', unready, state = 'closed' } = options;
  const outbox = options.outbox ?? (await openTestOutbox());
  const isCircuitOpen = () => state !== 'closed';
  const upstream = (): UpstreamHealth =>
    state === 'closed' ? { state, waitMs: 0 } : { state, reason: 'unauthorized', waitMs: 1500 };
  const { log, lines } = capturedLog();
  const metrics = createMetrics({ stats: outbox.stats, isCircuitOpen }, false);
  const admin = createAdmin({
    operator: createLiveOperator(outbox, '1.2.3', upstream),
    metrics,
    counts: createTally(metrics).counts,
    install: await readInstallFacts(ASSETS, settingsOf()),
    unready: () => unready,
    host,
    log,
  });
  const request = (path: string, init: RequestInit = {}) =>
    admin.request(`http://127.0.0.1:8789${path}`, {
      ...init,
      headers: { Host: '127.0.0.1:8789', ...init.headers },
    });
  const remote = createRemoteOperator('http://127.0.0.1:8789', async (input, init) =>
    request(new URL(String(input)).pathname + new URL(String(input)).search, init),
  );
  return { outbox, request, remote, lines };
}

/** Stores messages and lets SendX refuse them all. */
async function kill(outbox: Outbox, messages: Parameters<Outbox['append']>[0]): Promise<void> {
  await outbox.append(messages);
  const dead: Verdict = { kind: 'dead', reason: 'rejected', detail: '422' };
  void outbox.run(async () => dead, { enter: async () => ({ leave: () => undefined }) });
  await vi.waitFor(async () => expect((await outbox.stats()).dead).toBe(messages.length));
}

describe('health', () => {
  test('lives as long as it answers', async () => {
    const { request } = await start({ unready: 'shutting down', state: 'open' });
    expect((await request('/livez')).status).toBe(200);
  });

  test('is ready while the store answers, also when SendX does not', async () => {
    const { request } = await start({ state: 'open' });
    expect((await request('/readyz')).status).toBe(200);
  });

  test('is not ready during a shutdown', async () => {
    const response = await (await start({ unready: 'the proxy is shutting down' })).request(
      '/readyz',
    );
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('the proxy is shutting down');
  });

  test('is not ready without its store', async () => {
    const outbox = await openTestOutbox();
    const broken = { ...outbox, stats: () => Promise.reject(new Error('disk')) };
    expect((await (await start({ outbox: broken })).request('/readyz')).status).toBe(503);
  });

  test.each([
    ['closed', 200, { state: 'closed', waitMs: 0 }],
    ['open', 503, { state: 'open', reason: 'unauthorized', waitMs: 1500 }],
    ['half-open', 503, { state: 'half-open', reason: 'unauthorized', waitMs: 1500 }],
  ] as const)('tells of a circuit that is %s', async (state, status, body) => {
    const response = await (await start({ state })).request('/upstream');
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(body);
  });

  test('without its store answers 503, and logs no more than the kind of error', async () => {
    const outbox = await openTestOutbox();
    const broken = { ...outbox, stats: () => Promise.reject(new RangeError('canary')) };
    const { request, lines } = await start({ outbox: broken });
    const response = await request('/status');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: 'unavailable' });
    expect(lines.join('')).toContain('"error":"RangeError"');
    expect(lines.join('')).not.toContain('canary');
  });

  test('tells of SendX without its store', async () => {
    const outbox = await openTestOutbox();
    const broken = { ...outbox, stats: () => Promise.reject(new Error('disk')) };
    const response = await (await start({ outbox: broken, state: 'open' })).request('/upstream');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ reason: 'unauthorized' });
  });

  test('without its store prints metrics that say so', async () => {
    const outbox = await openTestOutbox();
    const broken = { ...outbox, stats: () => Promise.reject(new Error('disk')) };
    const response = await (await start({ outbox: broken })).request('/metrics');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('\nsendx_proxy_store_up 0\n');
  });

  test('prints metrics as Prometheus reads them', async () => {
    const { request, outbox } = await start();
    await outbox.append([identify(), track()]);
    const response = await request('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('\nsendx_proxy_outbox_waiting 2\n');
  });
});

describe('the operator', () => {
  test('sees, retries and drops dead letters from afar', async () => {
    const { outbox, remote } = await start();
    const [first, second] = [identify(), track()];
    await kill(outbox, [first, second]);

    const letters = await remote.list(10);
    expect(letters.map(({ message }) => message.id)).toEqual([first.id, second.id]);
    expect(await remote.list(1)).toHaveLength(1);
    expect(await remote.show(first.id)).toMatchObject({ reason: 'rejected', message: first });
    expect(await remote.drop(second.id)).toBe(true);
    expect(await remote.retry(first.id)).toBe(true);
    for (const act of [remote.retry, remote.drop]) expect(await act('nobody')).toBe(false);
    expect(await remote.show('nobody')).toBeUndefined();
    await vi.waitFor(async () =>
      expect(await remote.status()).toMatchObject({
        dead: 1,
        version: '1.2.3',
        upstream: { state: 'closed' },
      }),
    );
  });

  test('erases a contact', async () => {
    const { outbox, remote } = await start();
    await outbox.append([identify(), track(), identify({ email: 'joe@example.com' })]);
    expect(await remote.erase(' Jane@example.com')).toBe(2);
    expect(await remote.status()).toHaveProperty('waiting', 1);
    await expect(remote.erase('nonsense')).rejects.toThrow('answered 400 to /erase');
  });

  test.each(['0', '-1', 'x', '1.5'])('cannot list %s letters', async (limit) => {
    expect((await (await start()).request(`/dead?limit=${limit}`)).status).toBe(400);
  });

  test.each([
    ['POST', '/', 404],
    ['GET', '/v1/sendx.js', 404],
    ['POST', '/v1/messages', 404],
  ])('%s %s is nothing here', async (method, path, status) => {
    expect((await (await start()).request(path, { method })).status).toBe(status);
  });
});

describe("pages in the operator's browser", () => {
  test.each([
    ['another site', '127.0.0.1', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a sibling site', '127.0.0.1', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['an origin', '127.0.0.1', { Origin: 'https://evil.example' }, 403],
    ['the origin null', '127.0.0.1', { Origin: 'null' }, 403],
    ['a name made to point here', '127.0.0.1', { Host: 'evil.example:8789' }, 403],
    ['a name that begins alike', '127.0.0.1', { Host: 'localhost.evil.example' }, 403],
    [
      'its own page',
      '127.0.0.1',
      { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://127.0.0.1:8789' },
      200,
    ],
    ['a typed address', '127.0.0.1', { 'Sec-Fetch-Site': 'none' }, 200],
    ['localhost by name', '127.0.0.1', { Host: 'localhost:8789' }, 200],
    ['localhost in IPv6', '::1', { Host: '[::1]:8789' }, 200],
    ['no name', '127.0.0.1', { Host: '' }, 403],
  ])('%s', async (_, host, headers, status) => {
    const { request } = await start({ host });
    expect((await request('/dead', { headers })).status).toBe(status);
  });

  describe('where the port is bound beyond loopback', () => {
    const rebound = {
      Host: 'evil.example:8789',
      Origin: 'http://evil.example:8789',
      'Sec-Fetch-Site': 'same-origin',
    };

    test('a name that was made to point here erases nobody and reads no letter', async () => {
      const { request, outbox } = await start({ host: '0.0.0.0' });
      await outbox.append([identify()]);
      const body = JSON.stringify({ email: 'jane@example.com' });
      const erase = await request('/erase', { method: 'POST', headers: rebound, body });
      expect(erase.status).toBe(403);
      expect((await outbox.stats()).waiting).toBe(1);
      for (const path of ['/', '/overview', '/install', '/status', '/dead', '/dead/a', '/nothing'])
        expect((await request(path, { headers: rebound })).status, path).toBe(403);
    });

    test.each(['/livez', '/readyz', '/upstream', '/metrics'])(
      'a scraper reads %s by any name',
      async (path) => {
        const { request } = await start({ host: '0.0.0.0' });
        for (const name of ['proxy:8789', 'evil.example'])
          expect((await request(path, { headers: { Host: name } })).status).toBe(200);
        const { request: onLoopback } = await start();
        expect((await onLoopback(path, { headers: { Host: 'proxy:8789' } })).status).toBe(403);
      },
    );

    test.each([
      ['an address', '0.0.0.0', '10.0.0.5:8789', 200],
      ['an address without a port', '0.0.0.0', '10.0.0.5', 200],
      ['an address in IPv6', '::', '[fd00::5]:8789', 200],
      ['localhost', '0.0.0.0', 'localhost:8789', 200],
      ['the name that it is bound to', 'proxy.internal', 'Proxy.Internal:8789', 200],
      ['a name below it', 'proxy.internal', 'evil.proxy.internal:8789', 403],
      ['a name that begins like an address', '0.0.0.0', '10.0.0.5.evil.example', 403],
      ['a name that ends like one', '0.0.0.0', 'evil.10.0.0.5', 403],
      ['brackets around a name', '::', '[evil.example]:8789', 403],
      ['no name', '0.0.0.0', '', 403],
    ])('%s is answered as it should be', async (_, host, name, status) => {
      const { request } = await start({ host });
      expect((await request('/dead', { headers: { Host: name } })).status).toBe(status);
    });

    test('another site is refused by whichever name', async () => {
      const { request } = await start({ host: '0.0.0.0' });
      const headers = { 'Sec-Fetch-Site': 'cross-site' };
      for (const path of ['/dead', '/metrics'])
        expect((await request(path, { headers })).status).toBe(403);
    });
  });

  test('nothing is kept in caches', async () => {
    const { request } = await start();
    expect((await request('/dead')).headers.get('cache-control')).toBe('no-store');
  });
});

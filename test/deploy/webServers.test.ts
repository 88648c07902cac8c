import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { type Assets, loadAssets } from '../../src/proxy/http/assets.ts';
import { openOutbox } from '../../src/proxy/openOutbox.ts';
import { openRates } from '../../src/proxy/policy/openRates.ts';
import { createSendx } from '../../src/proxy/sendx/client.ts';
import { serve } from '../../src/proxy/serve.ts';
import {
  capturedLog,
  envelope,
  identify,
  SITE,
  settingsOf,
  temporaryFolder,
} from '../proxy/fixture.ts';
import { freePort } from '../proxy/program.ts';
import { findDebianProgram } from './debianProgram.ts';
import { visit } from './visitor.ts';
import { readDeployed, runNginx, startCaddySite, startNginxSite } from './webServer.ts';

const nginx = findDebianProgram('/usr/sbin/nginx', 'nginx') ?? '';
const caddy = findDebianProgram('/usr/bin/caddy', 'caddy') ?? '';

const SERVERS = [
  { name: 'nginx', program: nginx, startSite: startNginxSite },
  { name: 'Caddy', program: caddy, startSite: startCaddySite },
];

const built = (name: string) => new Uint8Array(readFileSync(`dist/${name}`));
const assets: Assets = loadAssets((name) => {
  try {
    return built(name);
  } catch {
    return undefined;
  }
});

/** A proxy before a SendX, as the files of the deployment want it. */
async function startProxy(env: Record<string, string> = {}) {
  const { url, emulator, close } = await startEmulator();
  onTestFinished(close);
  const settings = settingsOf({
    SENDX_API_URL: url,
    OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    TRUSTED_HOPS: '1',
    ...env,
  });
  const [outbox, rates] = [await openOutbox(settings.outbox), await openRates(settings)];
  const { log } = capturedLog();
  const proxy = await serve({ settings, outbox, rates, assets, log, processMetrics: false });
  onTestFinished(() => proxy.close());
  const scripts = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${proxy.adminPort}/metrics`)).text();
    const counts = metrics.matchAll(
      /^sendx_proxy_request_seconds_count\{.*route="script".*\} (\d+)/gm,
    );
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { ...proxy, emulator, scripts };
}

/** A page's message, through the site. */
const post = (
  port: number,
  body: unknown,
  more: { from?: string; headers?: Record<string, string> } = {},
) =>
  visit({
    port,
    path: '/sendx/v1/messages',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...more,
    headers: { Origin: SITE, 'Content-Type': 'text/plain;charset=UTF-8', ...more.headers },
  });

const BROTLI = { 'Accept-Encoding': 'br' };

const script = (port: number, headers: Record<string, string> = {}) =>
  visit({ port, path: '/sendx/v1/sendx.js', headers });

describe.each(SERVERS)('$name before the proxy', ({ program, startSite }) => {
  const rule = test.skipIf(program === '');

  rule('brings a message of a page to SendX', async () => {
    const proxy = await startProxy();
    const port = await startSite(program, proxy.port);
    const { status, headers, body } = await post(port, envelope([identify()]));
    expect(status).toBe(202);
    expect(headers['access-control-allow-origin']).toBe(SITE);
    expect(JSON.parse(String(body))).toMatchObject({ results: [{ status: 'accepted' }] });
    await vi.waitFor(() => expect(proxy.emulator.contact('jane@example.com')).toBeDefined());
  });

  rule(
    'passes the script on in each encoding of the build, with the tag of that encoding',
    async () => {
      const proxy = await startProxy();
      const port = await startSite(program, proxy.port);
      const tags = new Set<unknown>();
      for (const [accepted, ending] of [
        ['gzip, deflate, br, zstd', '.br'],
        ['gzip', '.gz'],
        ['identity', ''],
      ]) {
        const answer = await script(port, { 'Accept-Encoding': accepted ?? '' });
        expect(answer.status).toBe(200);
        expect(new Uint8Array(answer.body)).toEqual(built(`sendx.js${ending}`));
        expect(answer.headers['cache-control']).toContain('max-age=600');
        expect(answer.headers.vary).toMatch(/accept-encoding/i);
        tags.add(answer.headers.etag);
        const again = await script(port, {
          'Accept-Encoding': accepted ?? '',
          'If-None-Match': String(answer.headers.etag),
        });
        expect([again.status, again.body.length]).toEqual([304, 0]);
      }
      expect(tags.size).toBe(3);
    },
  );

  rule('lets a visitor be limited by their address, whatever they claim', async () => {
    const proxy = await startProxy({ RATE_LIMIT_IP: '2' });
    const port = await startSite(program, proxy.port);
    const send = async (from: string, claimed: string) =>
      (await post(port, envelope([identify()]), { from, headers: { 'X-Forwarded-For': claimed } }))
        .status;
    const statuses = [
      await send('127.0.0.2', '203.0.113.1'),
      await send('127.0.0.2', '203.0.113.2'),
      await send('127.0.0.2', '127.0.0.3'),
      await send('127.0.0.3', '127.0.0.2'),
    ];
    expect(statuses).toEqual([202, 202, 429, 202]);
  });

  rule(
    'leaves the answer to a request that is too large to the proxy, unless it is huge',
    async () => {
      const proxy = await startProxy();
      const port = await startSite(program, proxy.port);
      const most = await post(port, 'x'.repeat(64 * 1024));
      expect(most.status).toBe(400);
      const large = await post(port, 'x'.repeat(64 * 1024 + 1));
      expect(large.status).toBe(413);
      expect(large.headers['access-control-allow-origin']).toBe(SITE);
      expect((await post(port, 'x'.repeat(129 * 1024))).status).toBe(413);
    },
  );

  rule('opens nothing but the proxy’s public port', async () => {
    const proxy = await startProxy();
    const port = await startSite(program, proxy.port);
    for (const path of ['/sendx/metrics', '/sendx/dead', '/sendx/', '/v1/sendx.js'])
      expect((await visit({ port, path })).status, path).toBe(404);
  });
});

describe('nginx before the proxy', () => {
  const rule = test.skipIf(nginx === '');

  rule('keeps the script: asks the proxy once for all visitors', async () => {
    const proxy = await startProxy();
    const port = await startNginxSite(nginx, proxy.port);
    for (let visitor = 0; visitor < 5; visitor += 1) await script(port, BROTLI);
    expect(await proxy.scripts()).toBe(1);
  });

  rule('gives the script while the proxy is away, also when it is not fresh any more', async () => {
    const proxy = await startProxy();
    const port = await startNginxSite(nginx, proxy.port, {
      'proxy_cache sendx;':
        'proxy_cache sendx; add_header X-Cache $upstream_cache_status;' +
        'proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1s;',
    });
    expect((await script(port, BROTLI)).headers['x-cache']).toBe('MISS');
    await proxy.close();
    await vi.waitFor(async () => {
      const { status, headers, body } = await script(port, BROTLI);
      expect([status, headers['x-cache']]).toEqual([200, 'STALE']);
      expect(new Uint8Array(body)).toEqual(built('sendx.js.br'));
    }, 10_000);
    expect((await post(port, envelope([identify()]))).status).toBe(502);
  });

  rule('behind a CDN, tells visitors apart by the second address from the right', async () => {
    const proxy = await startProxy({ RATE_LIMIT_IP: '1', TRUSTED_HOPS: '2' });
    const port = await startCdn(await startNginxSite(nginx, proxy.port));
    const send = async (from: string, claimed: string) =>
      (await post(port, envelope([identify()]), { from, headers: { 'X-Forwarded-For': claimed } }))
        .status;
    const statuses = [
      await send('127.0.0.2', '203.0.113.1'),
      await send('127.0.0.2', '203.0.113.2'),
      await send('127.0.0.3', '203.0.113.1'),
    ];
    expect(statuses).toEqual([202, 429, 202]);
  });
});

/** What a CDN does: it appends the visitor's address. Resolves to its port. */
async function startCdn(to: number): Promise<number> {
  const cdn = createServer((visitor, answer) => {
    const forwarded = `${visitor.headers['x-forwarded-for']}, ${visitor.socket.remoteAddress}`;
    const { method = '', url = '' } = visitor;
    const headers = { ...visitor.headers, 'x-forwarded-for': forwarded };
    const onward = request({
      host: '127.0.0.1',
      port: to,
      method,
      path: url,
      headers,
      agent: false,
    });
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(answer);
    });
    visitor.pipe(onward);
  });
  await new Promise<void>((resolve) => cdn.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void cdn.close());
  return (cdn.address() as AddressInfo).port;
}

describe('nginx between the proxy and SendX', () => {
  const rule = test.skipIf(nginx === '');

  /** Resolves to the result of a call through it. */
  async function call(options: { teamId?: string }, without = '') {
    const { url, emulator, close } = await startEmulator();
    onTestFinished(close);
    const port = await freePort();
    const http = readDeployed('nginx-egress.conf', {
      '127.0.0.1:8790': `127.0.0.1:${port}`,
      'https://api.sendx.io': url,
      'https://app.sendx.io': url,
    });
    await runNginx(nginx, http.replace(without, ''), port);
    const baseUrl = `http://127.0.0.1:${port}`;
    const sendx = createSendx({ apiKey: emulator.apiKey, baseUrl, ...options });
    return sendx.identify({ email: 'jane@example.com' });
  }

  rule('carries the key of either API', async () => {
    expect(await call({})).toMatchObject({ ok: true });
    expect(await call({ teamId: 'emulator-team' })).toMatchObject({ ok: true });
  });

  rule('would lose the key of the older one if it dropped names with underscores', async () => {
    const refused = await call({ teamId: 'emulator-team' }, 'underscores_in_headers on;');
    expect(refused).toMatchObject({ ok: false, failure: { status: 401 } });
  });
});

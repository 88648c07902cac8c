import { describe, expect, test, vi } from 'vitest';
import { readInstallFacts } from '../../src/proxy/admin/installFacts.ts';
import { createRecentDeliveries } from '../../src/proxy/admin/recentDeliveries.ts';
import { createTally } from '../../src/proxy/admin/tally.ts';
import { createAdmin } from '../../src/proxy/admin.ts';
import type { UpstreamHealth } from '../../src/proxy/delivery/upstreamHealth.ts';
import { createMetrics } from '../../src/proxy/metrics.ts';
import { createLiveOperator } from '../../src/proxy/operator/operator.ts';
import type { Verdict } from '../../src/proxy/outbox/outbox.ts';
import {
  ASSETS,
  capturedLog,
  delivery,
  identify,
  openTestOutbox,
  settingsOf,
  track,
} from './fixture.ts';

const PROXY = 'https://t.example.com';
const SITE = 'https://www.example.com';
const upstream = (): UpstreamHealth => ({ state: 'open', reason: 'unauthorized', waitMs: 1500 });

async function start() {
  const outbox = await openTestOutbox();
  const metrics = createMetrics({ stats: outbox.stats, isCircuitOpen: () => false }, false);
  const tally = createTally(metrics, () => 1000);
  const admin = createAdmin({
    operator: createLiveOperator(outbox, '1.2.3', upstream),
    metrics,
    counts: tally.counts,
    install: await readInstallFacts(ASSETS, settingsOf({ PUBLIC_URL: `${PROXY}/` })),
    unready: () => undefined,
    host: '127.0.0.1',
    log: capturedLog().log,
  });
  const request = (path: string, init: RequestInit = {}) =>
    admin.request(`http://127.0.0.1:8789${path}`, {
      ...init,
      headers: { Host: '127.0.0.1:8789', ...init.headers },
    });
  return { outbox, tally, metrics, request };
}

describe.each(['/', '/install'])('the page at %s', (path) => {
  test('loads nothing from anywhere, cannot be framed, and has a nonce of its own each time', async () => {
    const { request } = await start();
    const nonces = new Set<string>();
    for (let at = 0; at < 2; at += 1) {
      const response = await request(path);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      nonces.add(nonce);
      const html = await response.text();
      expect(html.match(/<(?:script|style) nonce="([^"]+)"/g)).toHaveLength(2);
      expect(html).toContain(`<script nonce="${nonce}">`);
      const markup = html.slice(0, html.indexOf('<script'));
      expect(markup.match(/\b(?:src|href)="(?!\/|#|data:,)[^"]*"/g) ?? []).toEqual([]);
      expect(html.match(/<\/script/g)).toHaveLength(1);
      expect(html).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|eval\(/);
    }
    expect(nonces.size).toBe(2);
  });

  test('is refused to another site', async () => {
    const { request } = await start();
    const response = await request(path, { headers: { 'Sec-Fetch-Site': 'cross-site' } });
    expect(response.status).toBe(403);
  });
});

describe('the overview', () => {
  test('tells what waits, why, what was refused and lost, and the last deliveries', async () => {
    const { outbox, tally, request } = await start();
    await outbox.append([identify(), track()]);
    tally.result('refused', 'tag_not_allowed');
    tally.result('duplicate');
    tally.lost({ expired: 2, evicted: 1 });
    tally.delivered(delivery());
    tally.delivered(delivery({ verdict: 'retry', scope: 'upstream', status: 503 }));
    expect(await (await request('/overview')).json()).toMatchObject({
      version: '1.2.3',
      outbox: { waiting: 2, dead: 0 },
      upstream: upstream(),
      counts: {
        since: 1000,
        results: { accepted: 0, duplicate: 1, refused: 1, later: 0 },
        refusals: { tag_not_allowed: 1 },
        lost: { expired: 2, evicted: 1 },
        delivered: 1,
        retried: 1,
        recent: [
          { verdict: 'retry', status: 503, at: 1000 },
          { verdict: 'done', at: 1000 },
        ],
      },
      letters: [],
    });
  });

  test('shows dead letters with their reason, and no word of what they say', async () => {
    const { outbox, request } = await start();
    const message = identify({ email: 'canary@example.com', traits: { firstName: 'Canary' } });
    await outbox.append([message]);
    const dead: Verdict = { kind: 'dead', reason: 'rejected', detail: '422' };
    void outbox.run(async () => dead, { enter: async () => ({ leave: () => undefined }) });
    await vi.waitFor(async () => expect((await outbox.stats()).dead).toBe(1));
    const text = await (await request('/overview')).text();
    expect(JSON.parse(text).letters).toMatchObject([
      { id: message.id, type: 'identify', reason: 'rejected', detail: '422', attempts: 1 },
    ]);
    expect(text.toLowerCase()).not.toContain('canary');

    const foreign = { method: 'POST', headers: { Origin: 'https://evil.example' } };
    expect((await request(`/dead/${message.id}/drop`, foreign)).status).toBe(403);
    expect((await request(`/dead/${message.id}/drop`)).status).toBe(404);
    expect((await outbox.stats()).dead).toBe(1);
    expect((await request(`/dead/${message.id}/drop`, { method: 'POST' })).status).toBe(200);
    expect((await outbox.stats()).dead).toBe(0);
  });

  test('counts on the way to the metrics, and takes nothing from them', async () => {
    const { tally, metrics } = await start();
    tally.result('refused', 'invalid');
    tally.lost({ expired: 2, evicted: 0 });
    tally.delivered(delivery({ verdict: 'dead', reason: 'ambiguous' }));
    tally.request('messages', 202, 0.1);
    tally.appended(3, 0.1);
    tally.aborted();
    const text = await metrics.text();
    for (const line of [
      'results_total{status="refused",code="invalid"} 1',
      'browser_lost_total{reason="expired"} 2',
      'dead_total{reason="ambiguous"} 1',
      'request_seconds_count{route="messages",status="202"} 1',
      'appended_messages_total 3',
      'aborted_bodies_total 1',
    ])
      expect(text).toContain(`\nsendx_proxy_${line}\n`);
  });

  test('keeps so many deliveries and no more, the newest first', () => {
    const recent = createRecentDeliveries(2, () => 7);
    for (const id of ['a', 'b', 'c']) recent.add(delivery({ id }));
    expect(recent.list().map(({ id, at }) => [id, at])).toEqual([
      ['c', 7],
      ['b', 7],
    ]);
  });
});

describe('the facts of an installation', () => {
  test('are of this build and these settings', async () => {
    const { request } = await start();
    expect(await (await request('/install/facts')).json()).toMatchObject({
      version: '1.2.3',
      publicUrl: PROXY,
      allowedOrigins: [SITE],
      integrity: 'sha384-x',
    });
  });

  test.each([
    ['http://localhost:8000', 'http://localhost:8787'],
    ['http://localhost:8000,http://127.0.0.1:8000', 'http://localhost:8787'],
    [`http://localhost:8000,${SITE}`, undefined],
    ['https://localhost.example.com', undefined],
  ])('for sites at %s say %s where nobody has set PUBLIC_URL', async (origins, address) => {
    const settings = settingsOf({ ALLOWED_ORIGINS: origins, PORT: '8787' });
    expect((await readInstallFacts(ASSETS, settings)).publicUrl).toBe(address);
  });

  test('hash the stub as browsers do', async () => {
    const files = new Map(ASSETS.files);
    const body = new TextEncoder().encode('alert(1)\n');
    files.set('stub.js', { body, etag: '"x"', integrity: 'sha384-z' });
    const { stub, stubHash } = await readInstallFacts({ version: '1.2.3', files }, settingsOf());
    expect(stub).toBe('alert(1)');
    expect(stubHash).toBe("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
  });
});

test('a page that is pasted is checked, and whatever is none is refused', async () => {
  const { request } = await start();
  const ask = (body: unknown) =>
    request('/install/check', { method: 'POST', body: JSON.stringify(body) });
  const answer = await ask({
    html: `<script async src="${PROXY}/v1/sendx.js"></script>`,
    proxy: `${PROXY}/`,
    site: SITE,
  });
  expect((await answer.json()).findings).toMatchObject([
    { state: 'wrong' },
    { state: 'good' },
    { state: 'good' },
  ]);
  for (const body of [undefined, 7, [], {}, { html: 1, proxy: PROXY }, { html: '' }])
    expect((await ask(body)).status).toBe(400);
});

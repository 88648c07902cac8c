import type { Readable } from 'node:stream';
import { build, type Metafile } from 'esbuild';
import { Miniflare, Response as MiniflareResponse } from 'miniflare';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../src/emulator/server.ts';
import type { Message } from '../../src/protocol.ts';
import { createSignatures } from '../../src/proxy/policy/signature.ts';
import { createSecret } from '../../src/proxy/settings/secret.ts';

const KEY = 'canary-key-of-the-team';
const SECRET = 'a-secret-of-the-site-itself';
const SITE = 'https://www.example.com';
const JANE = 'jane@example.com';

let running: RunningEmulator;
let script: string;
let inputs: Metafile['inputs'];
const proxies: Miniflare[] = [];
const answers: string[] = [];
const logs: string[] = [];

beforeAll(async () => {
  running = await startEmulator({ apiKey: KEY, teamId: 'team-22' });
  const { outputFiles, metafile } = await build({
    entryPoints: ['src/proxy/worker.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker'],
  });
  script = outputFiles[0]?.text ?? '';
  inputs = metafile.inputs;
});
afterEach(async () => {
  running.emulator.reset();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.dispose()));
});
afterAll(() => running.close());

type Bindings = Readonly<Record<string, string>>;
type Scripts = Readonly<Record<string, string>>;

/** The Worker in workerd, without Node's compatibility, behind a real SendX. */
const start = (bindings: Bindings = {}, scripts?: Scripts): Miniflare => {
  const assets = (request: { url: string }) => {
    const text = scripts?.[new URL(request.url).pathname.slice(1)];
    return new MiniflareResponse(text ?? null, { status: text === undefined ? 404 : 200 });
  };
  const proxy = new Miniflare({
    modules: true,
    script,
    handleRuntimeStdio: (...streams: Readable[]) => {
      for (const stream of streams) stream.on('data', (chunk: Buffer) => logs.push(String(chunk)));
    },
    compatibilityDate: '2026-04-01',
    bindings: {
      SENDX_API_KEY: KEY,
      SENDX_API_URL: running.url,
      ALLOWED_ORIGINS: SITE,
      ALLOWED_TAGS: '*',
      IDENTITY_SECRETS: SECRET,
      ...bindings,
    },
    ...(scripts && { serviceBindings: { ASSETS: assets } }),
  });
  proxies.push(proxy);
  return proxy;
};

const identify = (id: string, email = JANE, more: object = {}): Message =>
  ({ id, type: 'identify', at: Date.now(), email, traits: {}, ...more }) as Message;
const track = (id: string, email = JANE): Message => ({
  id,
  type: 'track',
  at: Date.now(),
  email,
  addTags: [`tag-${id}`],
});

const post = async (
  proxy: Miniflare,
  messages: readonly Message[],
  headers: Readonly<Record<string, string>> = {},
) => {
  const response = await proxy.dispatchFetch('https://t.example.com/v1/messages', {
    method: 'POST',
    body: JSON.stringify({ v: 1, sentAt: Date.now(), messages }),
    headers: { origin: SITE, 'content-type': 'text/plain;charset=UTF-8', ...headers },
  });
  const text = await response.text();
  answers.push(text, JSON.stringify([...response.headers]));
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
};
const statuses = async (proxy: Miniflare, messages: readonly Message[]) => {
  const { body } = await post(proxy, messages);
  return body.results.map((result: { status: string }) => result.status);
};

describe('the Worker', () => {
  it('needs nothing of Node', () => {
    const imports = Object.values(inputs).flatMap((input) => input.imports);
    expect(imports.filter(({ path, external }) => external || path.startsWith('node:'))).toEqual(
      [],
    );
    expect(
      Object.keys(inputs).filter((path) => /pino|prom-client|rate-limiter/.test(path)),
    ).toEqual([]);
  });

  it.each([
    ['REST', {}],
    ['legacy', { SENDX_TEAM_ID: 'team-22' }],
  ])('delivers to SendX before it answers, on the %s surface', async (surface, bindings) => {
    const proxy = start(bindings);
    const messages = [identify('a', JANE, { traits: { firstName: 'Jane' } }), track('b')];
    expect(await post(proxy, messages)).toMatchObject({
      status: 202,
      body: {
        results: [
          { id: 'a', status: 'accepted' },
          { id: 'b', status: 'accepted' },
        ],
      },
    });
    expect(running.emulator.contact(JANE)).toMatchObject({ firstName: 'Jane', tags: ['tag-b'] });
    expect(running.emulator.journal()[0]).toMatchObject({ surface: surface.toLowerCase() });
  });

  it('knows what it has delivered', async () => {
    const proxy = start();
    await post(proxy, [identify('a')]);
    expect(await statuses(proxy, [identify('a'), track('b')])).toEqual(['duplicate', 'accepted']);
  });

  it('says what SendX refuses for good', async () => {
    const proxy = start();
    running.emulator.addFault({ kind: 'status', status: 422 });
    const { body } = await post(proxy, [identify('a')]);
    expect(body.results).toMatchObject([{ id: 'a', status: 'refused', code: 'rejected' }]);
  });

  it('tells who is a contact to nobody but whom the site vouches for', async () => {
    const proxy = start();
    await post(proxy, [identify('jane')]);
    const stranger = 'nobody@example.com';
    const both = [track('a'), track('b', stranger)];
    expect(await statuses(proxy, both)).toEqual(['accepted', 'accepted']);
    expect(await statuses(proxy, both)).toEqual(['duplicate', 'duplicate']);
    const signature = await createSignatures([createSecret(SECRET)]).sign(stranger);
    const { body } = await post(proxy, [{ ...track('c', stranger), signature }]);
    expect(body.results).toMatchObject([{ id: 'c', status: 'refused', code: 'rejected' }]);
    const told = await post(proxy, [{ ...track('d', stranger), signature: signature.slice(1) }]);
    expect(told.body.results).toMatchObject([{ status: 'refused', code: 'signature_wrong' }]);
    await expect
      .poll(() => logs.join(''))
      .toMatch(/"level":"warn","msg":"Delivery","id":"b".*"status":404,"code":"rejected"/);
  });

  it('leaves with the page what SendX cannot take now', async () => {
    const proxy = start();
    running.emulator.addFault({ kind: 'status', status: 500 });
    expect(await statuses(proxy, [identify('a'), track('b')])).toEqual(['later', 'later']);
    running.emulator.addFault({ kind: 'cut' });
    expect(await statuses(proxy, [identify('a'), track('b')])).toEqual(['later', 'later']);
    expect(await statuses(proxy, [identify('a'), track('b')])).toEqual(['accepted', 'accepted']);
  });

  it('asks SendX nothing for as long as it said', async () => {
    const proxy = start();
    running.emulator.addFault({ kind: 'status', status: 429, retryAfter: 600 });
    expect(await statuses(proxy, [identify('a')])).toEqual(['later']);
    expect(await statuses(proxy, [identify('b', 'joe@example.com')])).toEqual(['later']);
    expect(running.emulator.journal()).toHaveLength(1);
  });

  it('follows no redirect with the key', async () => {
    const proxy = start();
    running.emulator.addFault({ kind: 'status', status: 307 });
    expect(await statuses(proxy, [identify('a')])).toEqual(['later']);
  });

  it('leaves messages with the page while the key is refused', async () => {
    const proxy = start({ SENDX_API_KEY: 'canary-key-that-is-wrong' });
    expect(await statuses(proxy, [identify('a')])).toEqual(['later']);
  });

  it('repeats no increment of which nobody knows whether it was applied', async () => {
    const proxy = start();
    const signature = await createSignatures([createSecret(SECRET)]).sign(JANE);
    const increment = (id: string) =>
      identify(id, JANE, { signature, traits: { customFields: { Visits: '++1' } } });
    running.emulator.addFault({ kind: 'cut', applies: true });
    const { body } = await post(proxy, [increment('a')]);
    expect(body.results).toMatchObject([{ id: 'a', status: 'refused', code: 'rejected' }]);
    expect(await statuses(proxy, [increment('a'), increment('b')])).toEqual([
      'refused',
      'accepted',
    ]);
    expect(running.emulator.contact(JANE)).toMatchObject({ customFields: { Visits: '2' } });
  });

  it('judges as the other proxies do', async () => {
    const proxy = start({ ALLOWED_TAGS: 'newsletter' });
    const { body } = await post(proxy, [
      track('a'),
      identify('b', JANE, { traits: { newEmail: 'x@example.com' } }),
    ]);
    expect(body.results).toMatchObject([
      { status: 'refused', code: 'tag_not_allowed' },
      { status: 'refused', code: 'signature_required' },
    ]);
    expect(await post(proxy, [], { origin: 'https://evil.example' })).toMatchObject({
      status: 403,
    });
  });

  it('answers a preflight', async () => {
    const response = await start().dispatchFetch('https://t.example.com/v1/messages', {
      method: 'OPTIONS',
      headers: { origin: SITE },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(SITE);
  });

  it('counts requests by the address that Cloudflare names', async () => {
    const proxy = start({ RATE_LIMIT_IP: '1' });
    const from = (address: string) => ({ 'cf-connecting-ip': address });
    expect(await post(proxy, [identify('a')], from('192.0.2.1'))).toMatchObject({ status: 202 });
    const second = await post(proxy, [identify('b')], from('192.0.2.1'));
    expect(second.status).toBe(429);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    const spoofed = { ...from('192.0.2.1'), 'x-forwarded-for': '198.51.100.7' };
    expect(await post(proxy, [identify('c')], spoofed)).toMatchObject({ status: 429 });
    expect(await post(proxy, [identify('d')], from('192.0.2.2'))).toMatchObject({ status: 202 });
  });

  it('serves the scripts that are bound to it', async () => {
    const files = { 'sendx.js': { integrity: 'sha384-x', etag: '"abc"' } };
    const proxy = start(
      {},
      {
        'manifest.json': JSON.stringify({ version: '1.2.3', files }),
        'sendx.js': 'the script',
      },
    );
    for (const path of ['v1', '1.2.3']) {
      const response = await proxy.dispatchFetch(`https://t.example.com/${path}/sendx.js`);
      expect(await response.text()).toBe('the script');
      expect(response.headers.get('etag')).toBe('"abc"');
    }
  });

  it('serves no scripts where none are bound, and works', async () => {
    const proxy = start();
    const response = await proxy.dispatchFetch('https://t.example.com/v1/sendx.js');
    expect(response.status).toBe(404);
    expect(await statuses(proxy, [identify('a')])).toEqual(['accepted']);
  });

  it.each([
    ['a variable is wrong', { ALLOWED_ORIGINS: 'www.example.com' }, undefined],
    ['the build is missing', {}, {}],
  ] satisfies [string, Bindings, Scripts | undefined][])(
    'is unavailable, and retried, while %s',
    async (_, bindings, scripts) => {
      const answer = await post(start(bindings, scripts), [identify('a')]);
      expect(answer).toMatchObject({ status: 503, body: { error: 'unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('30');
    },
  );

  it('tells the key to nobody, and no address to its log', () => {
    expect(answers.length).toBeGreaterThan(30);
    expect(answers.filter((answer) => answer.includes('canary'))).toEqual([]);
    expect(logs.join('')).toMatch(/"msg":"Delivery".*"code":"ambiguous"/);
    expect(logs.filter((line) => /canary|@|192\.0/.test(line))).toEqual([]);
  });
});

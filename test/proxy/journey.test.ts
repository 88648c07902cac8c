import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../src/emulator/server.ts';
import type { Receipt } from '../../src/protocol.ts';
import { openOutbox } from '../../src/proxy/openOutbox.ts';
import { openRates } from '../../src/proxy/policy/openRates.ts';
import { serve } from '../../src/proxy/serve.ts';
import {
  ASSETS,
  capturedLog,
  envelope,
  identify,
  SECRET,
  SITE,
  settingsOf,
  temporaryFolder,
  track,
} from './fixture.ts';

const KEY = 'canary-api-key';
const TEAM = 'emulator-team';

interface Stage {
  readonly emulator: RunningEmulator['emulator'];
  readonly lines: readonly string[];
  post(body: unknown): Promise<Response>;
  admin(path: string): Promise<Response>;
}

/** A proxy with both ports open, before a SendX that listens. */
async function setStage(env: Record<string, string> = {}): Promise<Stage> {
  const { url, emulator, close } = await startEmulator({ apiKey: KEY, teamId: TEAM });
  onTestFinished(close);
  const settings = settingsOf({
    SENDX_API_KEY: KEY,
    SENDX_TEAM_ID: TEAM,
    SENDX_API_URL: url,
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
    IDENTITY_SECRETS: SECRET,
    ...env,
  });
  const { log, lines } = capturedLog();
  const proxy = await serve({
    settings,
    outbox: await openOutbox(settings.outbox),
    rates: await openRates(settings),
    assets: ASSETS,
    log,
    processMetrics: false,
  });
  onTestFinished(() => proxy.close());
  return {
    emulator,
    lines,
    post: (body) =>
      fetch(`http://127.0.0.1:${proxy.port}/v1/messages`, {
        method: 'POST',
        headers: { Origin: SITE, 'Content-Type': 'text/plain' },
        body: JSON.stringify(body),
      }),
    admin: (path) => fetch(`http://127.0.0.1:${proxy.adminPort}${path}`),
  };
}

describe('the journey of a call', () => {
  test.each([
    ['the legacy surface', {}],
    ['REST', { SENDX_TEAM_ID: '' }],
    ['no store', { OUTBOX: 'direct' }],
  ])('over %s ends at the contact, in order', async (_, env) => {
    const { emulator, post } = await setStage(env);
    const first = identify({ traits: { firstName: 'Jane', tags: ['viewed-pricing'] } });

    const response = await post(envelope([first, track()]));

    expect(response.status).toBe(202);
    const { results } = (await response.json()) as Receipt;
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    await vi.waitFor(() =>
      expect(emulator.contact('jane@example.com')).toMatchObject({
        firstName: 'Jane',
        tags: ['viewed-pricing', 'newsletter'],
      }),
    );
  });

  test('begins at the stub where the library never came', async () => {
    const { emulator, post } = await setStage();
    const calls = [
      ['s-0', 1, { 0: 'track', 1: { addTags: ['newsletter'] } }],
      ['s-1', 2, { 0: 'identify', 1: { email: 'Joe@Example.com', customFields: { Age: 29 } } }],
    ];
    expect((await post({ v: 1, calls })).status).toBe(202);
    await vi.waitFor(() =>
      expect(emulator.contact('joe@example.com')).toMatchObject({
        tags: ['newsletter'],
        customFields: { Age: '29' },
      }),
    );
  });

  test('a refused key stops deliveries and loses none', async () => {
    const { emulator, lines, post, admin } = await setStage();
    emulator.addFault({ kind: 'status', status: 401, forMs: 60_000 });
    await post(envelope([identify(), identify({ email: 'joe@example.com' })]));
    await vi.waitFor(async () =>
      expect(await (await admin('/upstream')).json()).toMatchObject({
        state: 'open',
        reason: 'unauthorized',
      }),
    );
    expect((await admin('/upstream')).status).toBe(503);
    expect((await admin('/readyz')).status).toBe(200);
    expect((await post(envelope([track()]))).status).toBe(202);
    expect(await (await admin('/status')).json()).toMatchObject({ waiting: 3, dead: 0 });
    expect(await (await admin('/metrics')).text()).toContain('sendx_proxy_circuit_open 1');
    expect(lines.join('\n')).toContain('refuses SENDX_API_KEY or SENDX_TEAM_ID');
  });
});

test('no log, answer or metric holds an e-mail, a value, the key or a secret', async () => {
  const { emulator, lines, post, admin } = await setStage({
    ALLOWED_TAGS: '*',
    PROTECTED_TAGS: 'canary-forbidden',
  });
  const seen: string[] = [];
  const keep = async (response: Response) => {
    seen.push(JSON.stringify([...response.headers]), await response.text());
  };
  const email = 'canary-jane@example.com';
  const traits = { firstName: 'canary-name', customFields: { 'canary-field': 'canary-value' } };
  const signature = createHmac('sha256', SECRET).update(email).digest('hex');
  // SendX: yes, an error that quotes the contact, a refusal that does, an outage, and none.
  const quoting = { status: 'error', message: `${email} is canary-known` };
  emulator.addFault({ kind: 'status', status: 422, body: quoting, email, times: 1 });
  emulator.addFault({
    kind: 'status',
    status: 500,
    body: quoting,
    email: 'canary-joe@example.com',
    times: 1,
  });
  emulator.addFault({ kind: 'cut', email: 'canary-ann@example.com', times: 1 });

  await keep(
    await post(
      envelope([
        identify({ email, traits, signature }),
        identify({ email, traits: { newEmail: 'canary-new@example.com' } }),
        identify({ email: 'canary-joe@example.com', traits: { ...traits, birthday: 'canary' } }),
        identify({ email: 'canary-joe@example.com', traits }),
        identify({ email: 'canary-ann@example.com', traits }),
        track({ email, addTags: ['canary-forbidden'] }),
        track({ email, addTags: ['canary-tag'], signature: 'canary-signature' }),
        track({ email, addTags: ['canary-tag'] }),
        { canary: 'canary' },
      ]),
    ),
  );
  await keep(await post({ canary: ['canary'] }));
  await keep(await post('canary'));
  await vi.waitFor(async () =>
    expect(await (await admin('/metrics')).text()).toMatch(/dead_total\{reason="rejected"\} [1-9]/),
  );
  await vi.waitFor(() => expect(lines.join('')).toContain('"state":"retry"'));
  for (const path of ['/metrics', '/status', '/upstream', '/readyz', '/livez', '/nothing']) {
    await keep(await admin(path));
  }

  expect(seen.join('\n')).toContain('sendx_proxy_delivery_seconds');
  expect(lines.length).toBeGreaterThan(3);
  // The first names the proxy's own address, which is the visitor's here.
  const [listening = '', ...others] = lines;
  expect(listening).toMatch(/^(?!.*canary).*"Listening"/i);
  // Whoever named a tag is told which one is refused, and nobody else is.
  const [told = '', ...rest] = seen.join('\n').split('the tag “canary-forbidden”');
  expect(rest).toHaveLength(1);
  for (const text of [told + rest, others.join('')]) {
    expect(text.match(/.*canary.*/gi)).toBeNull();
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(signature);
    expect(text).not.toContain('127.0.0.1');
  }
});

import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/emulator/faults.ts';
import { type RunningEmulator, startEmulator } from '../../../src/emulator/server.ts';
import { createSendx, type Sendx, type SendxOptions } from '../../../src/proxy/sendx/client.ts';
import type { SendxOutcome } from '../../../src/proxy/sendx/outcome.ts';

const KEY = 'canary-key-5f0c1d';
const EMAIL = 'jane+news@example.com';

/** Long enough for a busy machine, short enough to wait for. */
const TIMEOUT_MS = 250;

const SURFACES = [
  { surface: 'REST', root: '/api/v1/rest', team: {} },
  { surface: 'legacy', root: '/api/v1', team: { teamId: 'team-22' } },
] as const;

const TRANSPORTS = [{ transport: 'a socket' }, { transport: 'a fetch in process' }] as const;

const COMBINATIONS = SURFACES.flatMap((surface) =>
  TRANSPORTS.map((transport) => ({ ...surface, ...transport })),
);

describe.each(COMBINATIONS)('the $surface surface over $transport', ({ root, team, transport }) => {
  let running: RunningEmulator;
  const seen: unknown[] = [];

  beforeAll(async () => {
    running = await startEmulator({ apiKey: KEY, teamId: 'team-22' });
  });
  afterEach(() => running.emulator.reset());
  afterAll(() => running.close());

  const client = (options: Partial<SendxOptions> = {}): Sendx => {
    const base =
      transport === 'a socket'
        ? { baseUrl: running.url + root }
        : { baseUrl: `http://emulator.test${root}`, fetch: running.emulator.fetch };
    const sendx = createSendx({ apiKey: KEY, ...team, ...base, ...options });
    seen.push(sendx);
    return sendx;
  };

  const identify = async (options?: Partial<SendxOptions>): Promise<SendxOutcome> => {
    const outcome = await client(options).identify({ email: EMAIL, firstName: 'Jane' });
    seen.push(outcome);
    return outcome;
  };

  const under = async (fault: Fault, options?: Partial<SendxOptions>) => {
    running.emulator.addFault(fault);
    return identify(options);
  };

  const contact = () => running.emulator.contact(EMAIL);

  it('creates a contact with everything that identify takes', async () => {
    const outcome = await client().identify({
      email: EMAIL,
      firstName: 'Jane',
      lastName: 'Doe',
      company: 'Example',
      birthday: '1989-03-12',
      customFields: { Age: '29' },
      tags: ['newsletter', 'ebook'],
    });
    expect(outcome).toMatchObject({ ok: true, status: 200 });
    expect(contact()).toMatchObject({
      email: EMAIL,
      firstName: 'Jane',
      lastName: 'Doe',
      company: 'Example',
      birthday: '1989-03-12',
      customFields: { Age: '29' },
      tags: ['newsletter', 'ebook'],
    });
  });

  it('renames a contact', async () => {
    await identify();
    const renamed = { email: EMAIL, newEmail: 'jane@example.org' };
    expect(await client().identify(renamed)).toMatchObject({ ok: true });
    expect(contact()).toBeUndefined();
    expect(running.emulator.contact('jane@example.org')).toMatchObject({ firstName: 'Jane' });
  });

  it('adds and removes tags of the contact whose address holds a plus', async () => {
    await client().identify({ email: EMAIL, tags: ['lead'] });
    const change = { addTags: ['paid'], removeTags: ['lead'] };
    expect(await client().track(EMAIL, change)).toEqual({ ok: true, status: 200 });
    expect(contact()).toMatchObject({ tags: ['paid'] });
  });

  it('tells that track found no such contact', async () => {
    const outcome = await client().track('nobody@example.com', { addTags: ['x'] });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { kind: 'not_found', status: 404, applied: 'no', said: 'Resource not found' },
    });
  });

  it('tells that the new address belongs to another contact', async () => {
    await identify();
    await client().identify({ email: 'joe@example.com' });
    const outcome = await client().identify({ email: EMAIL, newEmail: 'joe@example.com' });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'conflict', status: 409 } });
  });

  it('tells that an address is none', async () => {
    const outcome = await client().identify({ email: 'jane at example' });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'invalid', status: 422 } });
  });

  it('tells that the key is wrong, whether the body says so in a number or a word', async () => {
    for (const unauthorisedStatus of ['number', 'word'] as const) {
      running.emulator.setRules({ unauthorisedStatus });
      expect(await identify({ apiKey: 'another-key' })).toMatchObject({
        ok: false,
        failure: { kind: 'unauthorized', status: 401, applied: 'no' },
      });
    }
  });

  const status = (status: number, retryAfter?: number): Fault => ({
    kind: 'status',
    status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
  const body = (body: unknown): Fault => ({ kind: 'error-body', body });

  it.each([
    ['400', status(400), { kind: 'invalid', applied: 'no', status: 400 }],
    ['401', status(401), { kind: 'unauthorized', applied: 'no' }],
    ['403', status(403), { kind: 'unauthorized', applied: 'no' }],
    ['404', status(404), { kind: 'not_found', applied: 'no' }],
    ['408', status(408), { kind: 'unavailable', applied: 'maybe' }],
    ['409', status(409), { kind: 'conflict', applied: 'no' }],
    ['422', status(422), { kind: 'invalid', applied: 'no', status: 422 }],
    ['425', status(425), { kind: 'unavailable', applied: 'maybe' }],
    ['429', status(429), { kind: 'rate_limited', applied: 'no' }],
    ['429 in 7 s', status(429, 7), { kind: 'rate_limited', retryAfterMs: 7_000 }],
    ['500', status(500), { kind: 'unavailable', applied: 'maybe' }],
    ['503 in 2 s', status(503, 2), { kind: 'unavailable', retryAfterMs: 2_000 }],
    ['302', status(302), { kind: 'redirected', applied: 'no' }],
    ['error in a 200', { kind: 'error-body' }, { kind: 'refused_by_body', applied: 'no' }],
    ['"404" in a 200', body({ status: '404' }), { kind: 'not_found', applied: 'no', status: 404 }],
    ['401 in a 200', body({ status: 401 }), { kind: 'unauthorized', applied: 'no', status: 401 }],
    ['half a JSON', { kind: 'malformed', applies: true }, { kind: 'malformed', applied: 'maybe' }],
    ['a list', body([]), { kind: 'malformed', applied: 'maybe', status: 200 }],
    ['64 KiB', body({ message: 'x'.repeat(65_536) }), { kind: 'malformed', applied: 'maybe' }],
  ] satisfies readonly (readonly [string, Fault, object])[])(
    'answers %s as such',
    async (...row) => {
      const [, fault, failure] = row;
      expect(await under(fault)).toMatchObject({ ok: false, failure });
    },
  );

  it('names no time where SendX named none', async () => {
    const outcome = await under({ kind: 'status', status: 429 });
    expect(outcome.ok ? outcome : outcome.failure).not.toHaveProperty('retryAfterMs');
  });

  it('waits for an answer that is late but in time', async () => {
    expect(await under({ kind: 'delay', delayMs: 50 })).toMatchObject({ ok: true });
  });

  it('gives up on an answer that does not come, without saying that nothing was applied', async () => {
    const slow: Fault = { kind: 'delay', delayMs: 60_000 };
    const outcome = await under(slow, { timeoutMs: TIMEOUT_MS });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'timeout', applied: 'maybe' } });
  });

  it('ends at once when its signal aborts in flight', async () => {
    running.emulator.addFault({ kind: 'hang' });
    const controller = new AbortController();
    const call = client().identify({ email: EMAIL }, { signal: controller.signal });
    await expect.poll(() => running.emulator.journal().length).toBe(1);
    controller.abort(new Error('closing'));
    const outcome = await call;
    seen.push(outcome);
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'aborted', applied: 'maybe' } });
  });

  it('sends nothing when its signal has aborted before', async () => {
    const outcome = await client().identify({ email: EMAIL }, { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'aborted', applied: 'no' } });
    expect(running.emulator.journal()).toEqual([]);
  });

  it.each([false, true])('cannot know what a cut connection applied (%s)', async (applies) => {
    const outcome = await under({ kind: 'cut', applies });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'cut', applied: 'maybe' } });
    expect(contact() !== undefined).toBe(applies);
  });

  it('repeats nothing by itself', async () => {
    await under({ kind: 'status', status: 503, times: 5 });
    await under({ kind: 'cut' });
    expect(running.emulator.journal()).toHaveLength(2);
  });

  it('keeps the key out of everything that it gives back', async () => {
    const echo = { status: 'error', message: `the key ${KEY} is wrong` };
    await under({ kind: 'status', status: 400, body: echo });
    const data = { firstName: KEY };
    await under({ kind: 'error-body', body: { status: '200', message: KEY, data } });
    expect(seen.length).toBeGreaterThan(30);
    for (const value of seen) {
      expect(inspect(value, { depth: 10, showHidden: true })).not.toContain(KEY);
      expect(JSON.stringify(value)).not.toContain(KEY);
    }
  });

  it('names no address in its messages', async () => {
    const failures = seen.flatMap((value) =>
      typeof value === 'object' && value !== null && 'failure' in value ? [value.failure] : [],
    );
    expect(failures.length).toBeGreaterThan(20);
    for (const failure of failures) {
      expect(failure).toHaveProperty('message', expect.not.stringMatching(/jane|emulator|127\./));
    }
  });
});

describe('the answer to identify', () => {
  const withRestData = async (restData: 'none' | 'contact', team: { teamId?: string }) => {
    const running = await startEmulator({ apiKey: KEY, teamId: 'team-22', rules: { restData } });
    const baseUrl = `${running.url}${team.teamId ? '/api/v1' : '/api/v1/rest'}`;
    try {
      const sendx = createSendx({ apiKey: KEY, ...team, baseUrl });
      return await sendx.identify({ email: EMAIL, tags: ['a'], customFields: { Age: '29' } });
    } finally {
      await running.close();
    }
  };

  it('holds the contact on the legacy surface', async () => {
    expect(await withRestData('none', { teamId: 'team-22' })).toMatchObject({
      ok: true,
      contact: { email: EMAIL, tags: ['a'], customFields: { Age: '29' }, company: '' },
    });
  });

  it('holds the contact on the REST surface where SendX sends it', async () => {
    expect(await withRestData('contact', {})).toMatchObject({ contact: { email: EMAIL } });
    expect(await withRestData('none', {})).toEqual({ ok: true, status: 200 });
  });
});

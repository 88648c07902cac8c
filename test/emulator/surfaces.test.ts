import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import { createLegacyCaller, createRestCaller } from './caller.ts';

const ID = /^[0-9A-Za-z]{22}$/;

function setup() {
  const emulator = createEmulator({ apiKey: 'right-key', teamId: 'team' });
  return { emulator, legacy: createLegacyCaller(emulator), rest: createRestCaller(emulator) };
}

type Send = (path: string, init: RequestInit) => Promise<Response>;
const sender = (): { send: Send } => {
  const { emulator } = setup();
  return { send: (path, init) => emulator.fetch(`http://sendx${path}`, init) };
};
const JSON_TYPE = { 'Content-Type': 'application/json' };
const LEGACY = '/api/v1/contact/identify?team_id=team';
const REST = '/api/v1/rest/contact/identify';

describe('answers', () => {
  test('legacy identify answers with the whole contact', async () => {
    const { legacy } = setup();
    const { status, body } = await legacy.identify({ email: 'jane@example.com', tags: ['a'] });
    expect(status).toBe(200);
    expect(body).toEqual({
      status: '200',
      message: 'OK',
      data: {
        encryptedTeamId: 'team',
        encryptedId: expect.stringMatching(ID),
        firstName: '',
        lastName: '',
        email: 'jane@example.com',
        company: '',
        birthday: '',
        tags: ['a'],
        customFields: {},
      },
    });
  });

  test('legacy track answers success', async () => {
    const { legacy } = setup();
    await legacy.identify({ email: 'jane@example.com' });
    const { status, body } = await legacy.track('jane@example.com', { addTags: ['a'] });
    expect(status).toBe(200);
    expect(body).toEqual({ status: '200', message: 'OK', data: 'success' });
  });

  test('REST answers with status and message only', async () => {
    const { rest } = setup();
    const identified = await rest.identify({ email: 'jane@example.com' });
    const tracked = await rest.track('jane@example.com', { addTags: ['a'] });
    for (const { status, body } of [identified, tracked]) {
      expect(status).toBe(200);
      expect(body).toEqual({ status: '200', message: 'OK' });
    }
  });

  test('both surfaces write to one store', async () => {
    const { emulator, legacy, rest } = setup();
    await rest.identify({ email: 'jane@example.com', firstName: 'Jane' });
    await legacy.track('jane@example.com', { addTags: ['a'] });
    await rest.track('jane@example.com', { addTags: ['b'] });
    expect(emulator.contacts()).toMatchObject([{ firstName: 'Jane', tags: ['a', 'b'] }]);
  });
});

describe('credentials', () => {
  test.each([
    ['legacy without a key', LEGACY, {}, 401],
    ['legacy with a wrong key', LEGACY, { api_key: 'wrong' }, 401],
    ['legacy without a team', '/api/v1/contact/identify', { api_key: 'right-key' }, 401],
    ['legacy with the REST header', LEGACY, { 'X-Team-ApiKey': 'right-key' }, 401],
    ['legacy with the key in any case', LEGACY, { Api_Key: 'right-key' }, 200],
    ['REST without a key', REST, {}, 401],
    ['REST with a wrong key', REST, { 'X-Team-ApiKey': 'wrong' }, 401],
    ['REST with the legacy header', REST, { api_key: 'right-key' }, 401],
    ['REST with the key in any case', REST, { 'x-team-apikey': 'right-key' }, 200],
  ])('%s', async (_name, path, headers: Record<string, string>, status) => {
    const { send } = sender();
    const body = '{"email":"jane@example.com"}';
    const response = await send(path, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body,
    });
    expect(response.status).toBe(status);
    if (status === 401) {
      expect(await response.json()).toEqual({
        status: 401,
        message: 'The Team ID or API Key specified is not valid',
      });
    }
  });
});

describe('refusals', () => {
  const headers = { ...JSON_TYPE, 'X-Team-ApiKey': 'right-key' };

  test.each([
    ['no JSON', '{"email":', 422, 'Request body is not in proper format'],
    ['no object', '[]', 422, 'Request body is not in proper format'],
    ['null', 'null', 422, 'Request body is not in proper format'],
    ['nothing at all', '', 422, 'Request body is not in proper format'],
    ['no e-mail', '{"firstName":"Jane"}', 400, 'Email is required'],
    ['a blank e-mail', '{"email":"  "}', 400, 'Email is required'],
    ['a malformed e-mail', '{"email":"jane"}', 422, 'Request body is not in proper format'],
    ['an e-mail that is no string', '{"email":5}', 422, 'Request body is not in proper format'],
    [
      'a malformed newEmail',
      '{"email":"a@b.co","newEmail":"b"}',
      422,
      'Request body is not in proper format',
    ],
    [
      'tags that are no array',
      '{"email":"a@b.co","tags":"x"}',
      422,
      'Request body is not in proper format',
    ],
    [
      'fields that are no object',
      '{"email":"a@b.co","customFields":["x"]}',
      422,
      'Request body is not in proper format',
    ],
    [
      'a name that is an object',
      '{"email":"a@b.co","firstName":{}}',
      422,
      'Request body is not in proper format',
    ],
    [
      'a day that is none',
      '{"email":"a@b.co","birthday":"2023-02-29"}',
      422,
      'Request body is not in proper format',
    ],
  ])('identify with %s', async (_name, body, status, message) => {
    const { send } = sender();
    const response = await send(REST, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ status: 'error', message });
  });

  test('track on either surface needs an e-mail and a known contact', async () => {
    const { emulator, legacy, rest } = setup();
    for (const caller of [legacy, rest]) {
      expect(await caller.track(undefined, { addTags: ['a'] })).toMatchObject({ status: 400 });
      expect(await caller.track('nobody@example.com', { addTags: ['a'] })).toMatchObject({
        status: 404,
        body: { status: 'error', message: 'Resource not found' },
      });
    }
    expect(emulator.contacts()).toEqual([]);
  });

  test('a body that is not said to be JSON is refused', async () => {
    const { send } = sender();
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' };
    const response = await send(REST, { method: 'POST', headers: form, body: 'email=a@b.co' });
    expect(response.status).toBe(422);
  });

  test('a body over 1 MiB is refused', async () => {
    const { send } = sender();
    const body = JSON.stringify({ email: 'a@b.co', firstName: 'x'.repeat(1024 * 1024) });
    expect((await send(REST, { method: 'POST', headers, body })).status).toBe(413);
  });

  test('other methods and paths are refused', async () => {
    const { send } = sender();
    expect((await send(REST, { method: 'GET', headers })).status).toBe(405);
    const elsewhere = await send('/api/v1/rest/contact', { method: 'POST', headers, body: '{}' });
    expect(elsewhere.status).toBe(404);
  });

  test('a plus sign left raw in the query is a space, as on any server', async () => {
    const { emulator, rest } = setup();
    await rest.identify({ email: 'a+b@example.com' });
    const response = await emulator.fetch(
      'http://sendx/api/v1/contact/track?team_id=team&email=a+b@example.com',
      {
        method: 'POST',
        headers: { ...JSON_TYPE, api_key: 'right-key' },
        body: '{"addTags":["x"]}',
      },
    );
    expect(response.status).toBe(422);
  });
});

describe('rate limit', () => {
  test('answers 429 beyond the burst and refills with time', async () => {
    let now = 0;
    const emulator = createEmulator({
      rateLimit: { perSecond: 2, burst: 3 },
      clock: () => now,
    });
    const { identify } = createRestCaller(emulator);
    const statuses = async (calls: number) => {
      const seen = [];
      for (let call = 0; call < calls; call += 1) {
        seen.push((await identify({ email: `c${call}@example.com` })).status);
      }
      return seen;
    };

    expect(await statuses(4)).toEqual([200, 200, 200, 429]);
    now += 500;
    expect(await statuses(2)).toEqual([200, 429]);
    now += 60_000;
    expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  });

  test('refuses without naming a time, unless told to', async () => {
    const emulator = createEmulator({ rateLimit: { perSecond: 0.1, burst: 1 }, clock: () => 0 });
    const { identify } = createRestCaller(emulator);
    await identify({ email: 'a@example.com' });
    const silent = await identify({ email: 'a@example.com' });
    expect(silent.body).toEqual({ status: 'error', message: 'Too many requests' });
    expect(silent.headers.get('Retry-After')).toBeNull();

    emulator.setRules({ retryAfter: 'seconds' });
    expect((await identify({ email: 'a@example.com' })).headers.get('Retry-After')).toBe('10');
  });
});

test('an emulator without a key does not start', () => {
  expect(() => createEmulator({ apiKey: '' })).toThrow(RangeError);
});

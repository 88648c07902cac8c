import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createLegacyCaller, createRestCaller } from './caller.ts';

describe('journal', () => {
  test('has every request in the order of arrival, refused ones too', async () => {
    let now = 100;
    const emulator = createEmulator({ teamId: 'team', clock: () => now++ });
    const legacy = createLegacyCaller(emulator);
    const rest = createRestCaller(emulator);
    await legacy.identify({ email: 'jane@example.com' });
    await rest.track('nobody@example.com', { addTags: ['a'] });
    await emulator.fetch('http://sendx/api/v1/rest/nowhere');

    expect(emulator.journal()).toEqual([
      {
        seq: 1,
        at: expect.any(Number),
        surface: 'legacy',
        method: 'POST',
        path: '/api/v1/contact/identify',
        query: { team_id: 'team' },
        body: { email: 'jane@example.com' },
        authorised: true,
        status: 200,
      },
      {
        seq: 2,
        at: expect.any(Number),
        surface: 'rest',
        method: 'POST',
        path: '/api/v1/rest/contact/track',
        query: {},
        body: { email: 'nobody@example.com', addTags: ['a'] },
        authorised: true,
        status: 404,
        problem: 'email: no such contact',
      },
      {
        seq: 3,
        at: expect.any(Number),
        surface: 'rest',
        method: 'GET',
        path: '/api/v1/rest/nowhere',
        query: {},
        body: null,
        authorised: false,
        status: 404,
        problem: 'only identify and track exist here',
      },
    ]);
    const times = emulator.journal().map(({ at }) => at);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
  });

  test('never has the API key, wherever a caller puts it', async () => {
    const key = 'S3cret-"Key"-ä';
    const emulator = createEmulator({ apiKey: key });
    const attempts: [path: string, body: string, headers?: Record<string, string>][] = [
      [
        `/api/v1/contact/identify?api_key=${encodeURIComponent(key)}&team_id=${encodeURIComponent(key)}`,
        '{}',
      ],
      [`/api/v1/rest/${encodeURIComponent(key)}`, '{}'],
      ['/api/v1/rest/contact/identify', JSON.stringify({ email: 'a@b.co', apiKey: key })],
      ['/api/v1/rest/contact/identify', JSON.stringify({ [key]: { deep: [key] } })],
      [
        '/api/v1/rest/contact/identify',
        JSON.stringify({ email: 'a@b.co', customFields: { [key]: [] } }),
      ],
      ['/api/v1/rest/contact/identify', `not JSON ${key}`],
      ['/api/v1/rest/contact/identify', `{"unfinished":${JSON.stringify(key)}`],
      ['/api/v1/rest/contact/identify?API_KEY=another-key', '{"api_key":"another-key"}'],
    ];
    for (const [path, body] of attempts) {
      await emulator.fetch(`http://sendx${path}`, {
        method: 'POST',
        body,
        headers: {
          'Content-Type': 'application/json',
          api_key: 'another-key',
          'X-Team-ApiKey': 'another-key',
        },
      });
    }

    expect(emulator.journal()).toHaveLength(attempts.length);
    const kept = JSON.stringify(emulator.journal());
    expect(kept).not.toContain('another-key');
    for (const form of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]) {
      expect(kept).not.toContain(form);
    }
  });

  test('keeps the newest entries up to the limit, and their numbers tell what has left', async () => {
    const emulator = createEmulator({ limit: 3 });
    const { identify } = createRestCaller(emulator);
    for (let call = 0; call < 5; call += 1) await identify({ email: `c${call}@example.com` });
    expect(emulator.journal().map(({ seq }) => seq)).toEqual([3, 4, 5]);
    emulator.reset();
    await identify({ email: 'a@example.com' });
    expect(emulator.journal().map(({ seq }) => seq)).toEqual([6]);
  });

  test('survives a body nested beyond any stack', async () => {
    const { url, emulator, close } = await startEmulator();
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const response = await fetch(`${url}/api/v1/rest/contact/identify`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Team-ApiKey': emulator.apiKey },
      body: `{"email":"a@b.co","tags":${deep}}`,
    });
    expect(response.status).toBe(422);
    expect((await fetch(`${url}/_emulator/journal`)).status).toBe(200);
    await close();
  });
});

import { describe, expect, test } from 'vitest';
import { loadAssets } from '../../../src/proxy/http/assets.ts';
import { createTestApp, recordingOutbox, SITE } from '../fixture.ts';

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { app } = await createTestApp({ outbox: recordingOutbox() });
  return app.request(path, { method, headers });
}

describe('GET /v1/sendx.js', () => {
  test('is public, short-lived, and no other type than JavaScript', async () => {
    const response = await get('/v1/sendx.js', { Origin: 'https://anybody.example' });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=600, stale-while-revalidate=86400',
      'content-length': '20',
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      etag: '"abc"',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
    expect(await response.text()).toBe('/* sendx.js plain */');
  });

  test.each([
    ['br, gzip', 'br', '"abc-br"', '/* sendx.js brotli */'],
    ['gzip, deflate, br;q=0.5', 'br', '"abc-br"', '/* sendx.js brotli */'],
    ['GZIP', 'gzip', '"abc-gzip"', '/* sendx.js gzip */'],
    ['gzip, br;q=0', 'gzip', '"abc-gzip"', '/* sendx.js gzip */'],
    ['br; q=0.000, gzip; q=0', null, '"abc"', '/* sendx.js plain */'],
    ['zstd', null, '"abc"', '/* sendx.js plain */'],
    ['brotli', null, '"abc"', '/* sendx.js plain */'],
  ])('answers Accept-Encoding %s with %s', async (accept, encoding, etag, text) => {
    const response = await get('/v1/sendx.js', { 'Accept-Encoding': accept });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('etag')).toBe(etag);
    expect(response.headers.get('content-length')).toBe(String(text.length));
    expect(await response.text()).toBe(text);
  });

  test.each(['"abc-br"', 'W/"abc-br"', '"x", "abc-br"', '*'])(
    'answers 304 to If-None-Match %s',
    async (tag) => {
      const headers = { 'Accept-Encoding': 'br', 'If-None-Match': tag };
      const response = await get('/v1/sendx.js', headers);
      expect(response.status).toBe(304);
      expect(await response.text()).toBe('');
      expect(response.headers.get('etag')).toBe('"abc-br"');
      expect(response.headers.get('vary')).toBe('Accept-Encoding');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    },
  );

  test('another encoding is another ETag', async () => {
    const headers = { 'Accept-Encoding': 'br', 'If-None-Match': '"abc"' };
    expect((await get('/v1/sendx.js', headers)).status).toBe(200);
  });

  test('answers HEAD without a body', async () => {
    const response = await get('/v1/sendx.js', {}, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe('"abc"');
    expect(await response.text()).toBe('');
  });

  test('refuses other methods', async () => {
    const response = await get('/v1/sendx.js', { Origin: SITE }, 'POST');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });
});

test.each([
  ['/1.2.3/sendx.js', 200, 'public, max-age=31536000, immutable'],
  ['/1.2.3/debug.js', 200, 'public, max-age=31536000, immutable'],
  ['/v1/debug.js', 200, 'public, max-age=600, stale-while-revalidate=86400'],
  ['/1.2.4/sendx.js', 404, 'no-store'],
  ['/v1/manifest.json', 404, 'no-store'],
  ['/v1/sendx.js.br', 404, 'no-store'],
  ['/v1/..%2fsendx.js', 404, 'no-store'],
  ['/sendx.js', 404, 'no-store'],
])('GET %s answers %s, %s', async (path, status, cache) => {
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(response.headers.get('cache-control')).toBe(cache);
});

test('a build that is missing or incomplete is an error that says what to run', () => {
  expect(() => loadAssets(() => undefined)).toThrow(
    'The build has no manifest.json: run npm run build',
  );
  const manifest = { version: '1', files: { 'sendx.js': { integrity: '', etag: '""' } } };
  const read = (name: string) =>
    name === 'manifest.json' ? new TextEncoder().encode(JSON.stringify(manifest)) : undefined;
  expect(() => loadAssets(read)).toThrow('The build has no sendx.js');
});

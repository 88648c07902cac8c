import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../src/protocol.ts';
import { OutboxFull } from '../../src/proxy/outbox/outbox.ts';
import {
  createTestApp,
  envelope,
  identify,
  recordingOutbox,
  SITE,
  type TestParts,
  track,
} from './fixture.ts';

const quiet = (parts: TestParts = {}) => createTestApp({ outbox: recordingOutbox(), ...parts });

const failing = (error: Error): NonNullable<TestParts['outbox']> => ({
  laneOf: (email) => email,
  append: () => Promise.reject(error),
});

describe('POST /v1/messages', () => {
  test('answers 202 with a result for each message, in their order', async () => {
    const { send } = await createTestApp();
    const [first, bad, last] = [identify(), { ...track(), addTags: [{}] }, track()];
    const response = await send(envelope([first, bad, last]));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      results: [
        { id: first.id, status: 'accepted' },
        {
          id: bad.id,
          status: 'refused',
          code: 'invalid',
          message: 'The message was dropped: addTags.0 must be a string.',
        },
        { id: last.id, status: 'accepted' },
      ],
    });
  });

  test('an id that is known is a duplicate, in the same envelope too', async () => {
    const { results } = await createTestApp();
    const message = identify();
    expect(await results([message, message])).toEqual([
      { id: message.id, status: 'accepted' },
      { id: message.id, status: 'duplicate' },
    ]);
    expect(await results([message])).toEqual([{ id: message.id, status: 'duplicate' }]);
  });

  test.each([
    ['text/plain;charset=UTF-8'],
    ['text/plain'],
    ['text/plain; charset="utf-8"'],
    ['TEXT/PLAIN'],
    ['application/json'],
    ['application/json; charset=utf-8'],
  ])('takes Content-Type %s', async (type) => {
    const { send } = await quiet();
    expect((await send(envelope([]), { 'Content-Type': type })).status).toBe(202);
  });

  test('passes on what the outbox says', async () => {
    const outbox = {
      laneOf: (email: string) => email,
      append: async () => ['stored', 'duplicate', 'later', 'rejected'] as const,
    };
    const { results } = await quiet({ outbox });
    const answers = await results([track(), track(), track(), track()]);
    expect(answers.map(({ status }) => status)).toEqual([
      'accepted',
      'duplicate',
      'later',
      'refused',
    ]);
    expect(answers[3]).toMatchObject({ code: 'rejected' });
  });
});

describe('refusals of a request', () => {
  const good = JSON.stringify(envelope([]));
  const big = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;

  test.each<[string, number, string, string, Record<string, string>]>([
    ['a foreign origin', 403, 'origin_not_allowed', good, { Origin: 'https://evil.example' }],
    [
      'an origin with the same beginning',
      403,
      'origin_not_allowed',
      good,
      { Origin: `${SITE}.evil.io` },
    ],
    ['the origin null', 403, 'origin_not_allowed', good, { Origin: 'null' }],
    ['a navigation', 403, 'not_from_script', good, { 'Sec-Fetch-Mode': 'navigate' }],
    ['an image', 403, 'not_from_script', good, { 'Sec-Fetch-Dest': 'image' }],
    ['a typed address', 403, 'not_from_script', good, { 'Sec-Fetch-Site': 'none' }],
    ['a form', 415, 'content_type', good, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    [
      'a form with files',
      415,
      'content_type',
      good,
      { 'Content-Type': 'multipart/form-data; boundary=x' },
    ],
    ['HTML', 415, 'content_type', good, { 'Content-Type': 'text/html' }],
    ['an empty type', 415, 'content_type', good, { 'Content-Type': '' }],
    ['a type with a suffix', 415, 'content_type', good, { 'Content-Type': 'text/plainer' }],
    ['another charset', 415, 'content_type', good, { 'Content-Type': 'text/plain;charset=utf-16' }],
    ['gzip', 415, 'content_encoding', good, { 'Content-Encoding': 'gzip' }],
    ['br', 415, 'content_encoding', good, { 'Content-Encoding': 'br' }],
    ['deflate', 415, 'content_encoding', good, { 'Content-Encoding': 'deflate' }],
    ['zstd', 415, 'content_encoding', good, { 'Content-Encoding': 'zstd' }],
    ['identity', 415, 'content_encoding', good, { 'Content-Encoding': 'identity' }],
    [
      'a length over the limit',
      413,
      'body_too_large',
      good,
      { 'Content-Length': String(MAX_BODY_BYTES + 1) },
    ],
    ['a body over the limit', 413, 'body_too_large', big(MAX_BODY_BYTES + 1), {}],
    [
      'a length that lies',
      413,
      'body_too_large',
      big(MAX_BODY_BYTES + 1),
      { 'Content-Length': '10' },
    ],
    ['the limit itself', 422, 'envelope', big(MAX_BODY_BYTES), {}],
    ['no JSON', 400, 'not_json', 'canary', {}],
    ['no body', 400, 'not_json', '', {}],
    ['JSON that ends early', 400, 'not_json', '{"v":1', {}],
    ['brackets without end', 400, 'not_json', '['.repeat(60_000), {}],
    ['brackets that close', 422, 'envelope', '['.repeat(30_000) + ']'.repeat(30_000), {}],
    ['a wrong envelope', 422, 'envelope', '{"canary":1}', {}],
  ])('%s is answered %i %s', async (_, status, error, body, headers) => {
    const { send } = await quiet();
    const response = await send(body, headers);
    expect(response.status).toBe(status);
    const text = await response.text();
    expect(JSON.parse(text)).toHaveProperty('error', error);
    expect(text).not.toContain('canary');
    expectCors(response, headers.Origin === undefined ? SITE : undefined);
  });

  test.each(['/v1/messages', '/1.2.3/messages', '/0.9.0-rc.1/messages'])(
    'posted to %s is taken: a pinned stub posts next to its script',
    async (path) => {
      const { app } = await createTestApp();
      const headers = { Origin: SITE, 'Content-Type': 'text/plain' };
      const body = JSON.stringify(envelope([track()]));
      const response = await app.request(path, { method: 'POST', headers, body });
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({ results: [{ status: 'accepted' }] });
    },
  );

  test('without an Origin is answered 403', async () => {
    const { app } = await quiet();
    const init = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: good };
    expect((await app.request('/v1/messages', init)).status).toBe(403);
  });

  test('a body without length is counted as it comes', async () => {
    const { app } = await quiet();
    const post = (bytes: number) => {
      const chunk = new TextEncoder().encode('x'.repeat(1000));
      let left = bytes;
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(chunk.slice(0, Math.min(left, 1000)));
          left -= 1000;
          if (left <= 0) controller.close();
        },
      });
      const headers = { Origin: SITE, 'Content-Type': 'text/plain' };
      const init = { method: 'POST', headers, body, duplex: 'half' };
      return app.request('/v1/messages', init as RequestInit);
    };
    expect((await post(MAX_BODY_BYTES)).status).toBe(400);
    expect((await post(MAX_BODY_BYTES + 1)).status).toBe(413);
  });

  test('a body that breaks off is answered 408 and counted', async () => {
    const { app, metrics } = await quiet();
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error('aborted')),
    });
    const headers = { Origin: SITE, 'Content-Type': 'text/plain' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    expect((await app.request('/v1/messages', init)).status).toBe(408);
    expect(await metrics.text()).toContain('sendx_proxy_aborted_bodies_total 1');
  });

  test('names at most ten faults', async () => {
    const { send } = await quiet();
    const response = await send({ v: 1, calls: Array(50).fill({}) });
    expect(response.status).toBe(422);
    expect((await response.json()) as object).toHaveProperty('details.length', 10);
  });

  test.each([
    ['a full outbox', new OutboxFull('full'), 'full'],
    ['a broken outbox', new Error('canary'), 'unavailable'],
  ])('%s is answered 503 with Retry-After, and nothing of the cause', async (_, cause, error) => {
    const { send, lines } = await quiet({ outbox: failing(cause) });
    const response = await send(envelope([track()]));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(await response.json()).toEqual({ error });
    expectCors(response, SITE);
    expect(lines.join('')).toContain(cause.name);
    expect(lines.join('')).not.toContain('canary');
  });
});

describe('CORS', () => {
  test('a preflight is answered 204 and remembered for two hours', async () => {
    const { app } = await quiet();
    const headers = { Origin: SITE, 'Access-Control-Request-Method': 'POST' };
    const response = await app.request('/v1/messages', { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expectCors(response, SITE);
    expect(response.headers.get('access-control-allow-methods')).toBe('POST');
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type');
    expect(response.headers.get('access-control-max-age')).toBe('7200');
  });

  test('a preflight of a foreign origin is answered 403 and allows nothing', async () => {
    const { app } = await quiet();
    const headers = { Origin: 'https://evil.example' };
    const response = await app.request('/v1/messages', { method: 'OPTIONS', headers });
    expect(response.status).toBe(403);
    expectCors(response, undefined);
    expect(response.headers.get('access-control-allow-methods')).toBeNull();
  });

  test.each([
    ['GET', '/v1/messages', 405],
    ['PUT', '/v1/messages', 405],
    ['DELETE', '/v1/messages', 405],
    ['PATCH', '/v1/messages', 405],
    ['PUT', '/1.2.3/messages', 405],
    ['POST', '/v1/message', 404],
    ['POST', '/v2/messages', 404],
    ['POST', '/1.2.3/4/messages', 404],
    ['GET', '/', 404],
    ['GET', '/livez', 404],
    ['GET', '/readyz', 404],
    ['GET', '/upstream', 404],
    ['GET', '/metrics', 404],
    ['GET', '/dead', 404],
    ['POST', '/erase', 404],
    ['GET', '/.env', 404],
  ])('%s %s is answered %i, readable for the site', async (method, path, status) => {
    const { app } = await quiet();
    const response = await app.request(path, { method, headers: { Origin: SITE } });
    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expectCors(response, SITE);
  });

  test('an origin below a wildcard is allowed by its own name', async () => {
    const { send } = await quiet({ env: { ALLOWED_ORIGINS: 'https://*.example.com' } });
    expectCors(await send(envelope([])), SITE);
  });
});

test('metrics answer how many messages were lost, and where', async () => {
  const { send, metrics } = await createTestApp();
  const message = track();
  await send({ ...envelope([message, message]), lost: { expired: 2, evicted: 3 } });
  await send(envelope([track({ addTags: ['paid'] }), 7, track({ signature: '00' })]));
  const text = await metrics.text();
  for (const line of [
    'sendx_proxy_browser_lost_total{reason="expired"} 2',
    'sendx_proxy_browser_lost_total{reason="evicted"} 3',
    'sendx_proxy_results_total{status="accepted",code=""} 1',
    'sendx_proxy_results_total{status="duplicate",code=""} 1',
    'sendx_proxy_results_total{status="refused",code="tag_not_allowed"} 1',
    'sendx_proxy_results_total{status="refused",code="invalid"} 1',
    'sendx_proxy_results_total{status="refused",code="signature_wrong"} 1',
    'sendx_proxy_request_seconds_count{route="messages",status="202"} 2',
    'sendx_proxy_appended_messages_total 2',
    'sendx_proxy_dead_total{reason="ambiguous"} 0',
    'sendx_proxy_outbox_oldest_seconds 0',
    'sendx_proxy_circuit_open 0',
  ]) {
    expect(text).toContain(line);
  }
});

function expectCors(response: Response, origin: string | undefined): void {
  const { headers } = response;
  expect(headers.get('vary')).toBe('Origin');
  expect(headers.get('access-control-allow-origin')).toBe(origin ?? null);
  expect(headers.get('access-control-allow-credentials')).toBeNull();
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('set-cookie')).toBeNull();
}

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSendx, type SendxOptions } from '../../../src/proxy/sendx/client.ts';

const servers: Server[] = [];

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const identify = (baseUrl: string, options: Partial<SendxOptions> = {}) =>
  createSendx({ apiKey: 'canary-key', baseUrl, ...options }).identify({
    email: 'jane@example.com',
  });

describe('a connection', () => {
  it('that is refused has sent nothing', async () => {
    const url = await serve(() => undefined);
    const closed = servers.splice(0).map((server) => new Promise((done) => server.close(done)));
    await Promise.all(closed);
    expect(await identify(url)).toMatchObject({
      ok: false,
      failure: { kind: 'network', applied: 'no', code: 'ECONNREFUSED' },
    });
  });

  it('to a name that does not exist has sent nothing', async () => {
    const outcome = await identify('http://sendx.invalid');
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'network', applied: 'no' } });
  });

  it('that speaks no TLS where it should is not known to have sent nothing', async () => {
    const url = await serve(() => undefined);
    const outcome = await identify(url.replace('http:', 'https:'));
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'cut', applied: 'maybe' } });
  });

  it('that ends within a 2xx leaves it open whether the call was applied', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"status":"200"', () => response.destroy());
    });
    expect(await identify(url)).toMatchObject({ failure: { kind: 'cut', applied: 'maybe' } });
  });

  it('that ends within an error does not hide the error', async () => {
    const url = await serve((_, response) => {
      response.writeHead(401, { 'content-length': 100 });
      response.write('{"status":', () => response.destroy());
    });
    expect(await identify(url)).toMatchObject({ failure: { kind: 'unauthorized', status: 401 } });
  });

  it('that stalls within an answer ends in time', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"status":"200"');
    });
    const outcome = await identify(url, { timeoutMs: 250 });
    expect(outcome).toMatchObject({ failure: { kind: 'timeout', applied: 'maybe' } });
  });
});

describe('an answer', () => {
  it('is not read beyond 64 KiB', async () => {
    let isGone: Promise<unknown> = Promise.resolve();
    const url = await serve((_, response) => {
      isGone = new Promise((done) => response.on('close', done));
      response.writeHead(200);
      const more = () => response.write('x'.repeat(16_384), (error) => error ?? more());
      more();
    });
    expect(await identify(url)).toMatchObject({ failure: { kind: 'malformed' } });
    await isGone;
  });

  it('of 204 needs no body, and any other 2xx needs SendX’s', async () => {
    const url = await serve((_, response) => response.writeHead(204).end());
    expect(await identify(url)).toEqual({ ok: true, status: 204 });
    const portal = await serve((_, response) => response.writeHead(200).end('<h1>Welcome</h1>'));
    expect(await identify(portal)).toMatchObject({ failure: { kind: 'malformed', status: 200 } });
    const empty = await serve((_, response) => response.writeHead(201).end());
    expect(await identify(empty)).toMatchObject({ failure: { kind: 'malformed', status: 201 } });
  });

  it('of 201 is a success', async () => {
    const url = await serve((_, response) => response.writeHead(201).end('{"status":"201"}'));
    expect(await identify(url)).toEqual({ ok: true, status: 201 });
  });

  it.each([301, 302, 303, 307, 308])('of %i takes the key nowhere else', async (status) => {
    let hits = 0;
    const elsewhere = await serve((_, response) => {
      hits += 1;
      response.end('{}');
    });
    const url = await serve((_, response) => {
      response.writeHead(status, { location: elsewhere }).end();
    });
    const outcome = await identify(url);
    expect(outcome).toMatchObject({ failure: { kind: 'redirected', applied: 'no', status } });
    expect(hits).toBe(0);
  });

  it('quotes at most 200 characters of SendX', async () => {
    const url = await serve((_, response) => {
      response.writeHead(422).end(JSON.stringify({ status: 'error', message: 'x'.repeat(5_000) }));
    });
    expect(await identify(url)).toMatchObject({ failure: { said: 'x'.repeat(200) } });
  });
});

describe('a fetch that takes no notice of its signal', () => {
  const deaf = () => new Promise<Response>(() => undefined);

  it('ends in time', async () => {
    const outcome = await identify('http://sendx.test', { fetch: deaf, timeoutMs: 20 });
    expect(outcome).toMatchObject({ failure: { kind: 'timeout' } });
  });

  it('ends when the caller’s signal aborts', async () => {
    const controller = new AbortController();
    const sendx = createSendx({ apiKey: 'k', baseUrl: 'http://sendx.test', fetch: deaf });
    const call = sendx.track('jane@example.com', {}, { signal: controller.signal });
    controller.abort();
    expect(await call).toMatchObject({ failure: { kind: 'aborted' } });
  });
});

describe('the default fetch', () => {
  it('is the one in force at the call', async () => {
    const sendx = createSendx({ apiKey: 'k' });
    const original = globalThis.fetch;
    const urls: string[] = [];
    globalThis.fetch = async (input) => {
      urls.push(new Request(input).url);
      return new Response('{"status":"200"}');
    };
    try {
      await sendx.track('jane@example.com', { addTags: ['x'] });
    } finally {
      globalThis.fetch = original;
    }
    expect(urls).toEqual(['https://api.sendx.io/api/v1/rest/contact/track']);
  });
});

describe('a base URL', () => {
  it.each([
    ['http://sendx.test', {}, 'http://sendx.test/api/v1/rest/contact/identify'],
    ['http://sendx.test/', {}, 'http://sendx.test/api/v1/rest/contact/identify'],
    ['http://sendx.test/', { teamId: 't' }, 'http://sendx.test/api/v1/contact/identify?team_id=t'],
    ['http://sendx.test/own', {}, 'http://sendx.test/own/contact/identify'],
    ['http://sendx.test/own/', {}, 'http://sendx.test/own/contact/identify'],
    [undefined, {}, 'https://api.sendx.io/api/v1/rest/contact/identify'],
    [undefined, { teamId: 't' }, 'https://app.sendx.io/api/v1/contact/identify?team_id=t'],
  ])('of %s with %j leads to %s', async (baseUrl, team, url) => {
    const urls: string[] = [];
    const fetch = async (request: Request) => {
      urls.push(request.url);
      return new Response('{}');
    };
    const base = baseUrl === undefined ? {} : { baseUrl };
    await createSendx({ apiKey: 'k', fetch, ...team, ...base }).identify({ email: 'a@x.io' });
    expect(urls).toEqual([url]);
  });
});

describe('an unusable option', () => {
  it.each([
    ['an empty key', { apiKey: '' }],
    ['a key with a line break', { apiKey: 'canary-key\n' }],
    ['a key beyond ASCII', { apiKey: 'canary-kéy' }],
    ['an empty team', { apiKey: 'canary-key', teamId: '' }],
    ['a base URL that is none', { apiKey: 'canary-key', baseUrl: 'app.sendx.io' }],
    ['a base URL that is not HTTP', { apiKey: 'canary-key', baseUrl: 'file:///etc/passwd' }],
    ['a base URL with a password', { apiKey: 'canary-key', baseUrl: 'https://u:secret@sendx.io' }],
    ['a base URL with a query', { apiKey: 'canary-key', baseUrl: 'https://sendx.io/?a=secret' }],
    ['no time', { apiKey: 'canary-key', timeoutMs: 0 }],
    ['a time beyond all timers', { apiKey: 'canary-key', timeoutMs: 2 ** 31 }],
    ['a time that is no number', { apiKey: 'canary-key', timeoutMs: Number.NaN }],
  ])('is refused without being quoted: %s', (_, options) => {
    expect(() => createSendx(options)).toThrow(TypeError);
    expect(() => createSendx(options)).toThrow(/^The `\w+` option must(?!.*(canary|secret))/);
  });
});

import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MAX_BODY_BYTES } from '../../src/protocol.ts';
import { type Listener, listen } from '../../src/proxy/http/listener.ts';
import { createTestApp, envelope, recordingOutbox, SITE, type TestApp, track } from './fixture.ts';

interface Running {
  readonly listener: Listener;
  readonly metrics: TestApp['metrics'];
  readonly outbox: ReturnType<typeof recordingOutbox>;
}

/** Concurrent tests must pass their own `finished`. */
async function start(finished = onTestFinished): Promise<Running> {
  const outbox = recordingOutbox();
  const { app, metrics } = await createTestApp({ outbox });
  const listener = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 });
  finished(() => listener.close(0));
  return { listener, metrics, outbox };
}

/** A raw connection and all that came back over it. */
interface Wire {
  readonly socket: Socket;
  received(): string;
  /** Resolves to all that came once the other end has closed. */
  readonly closed: Promise<string>;
}

function open(port: number, finished = onTestFinished): Wire {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  finished(() => void socket.destroy());
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  return { socket, received: () => text, closed };
}

const head = (...lines: readonly string[]) =>
  ['POST /v1/messages HTTP/1.1', 'Host: proxy', `Origin: ${SITE}`, 'Content-Type: text/plain']
    .concat(lines, '', '')
    .join('\r\n');

/** Node's own words, without a header of ours. */
const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe.concurrent('slow clients', () => {
  test('headers that never end are answered 408 after five seconds', async ({
    onTestFinished: finished,
  }) => {
    const { listener } = await start(finished);
    const { socket, closed } = open(listener.port, finished);
    const started = performance.now();
    socket.write('POST /v1/messages HTTP/1.1\r\nHost: proxy\r\n');
    const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 500);
    const answer = await closed;
    clearInterval(drip);
    expect(answer).toBe(TIMEOUT);
    expect(performance.now() - started).toBeLessThan(8_000);
  });

  test('a body that never ends is cut after ten seconds, and counted', async ({
    onTestFinished: finished,
  }) => {
    const { listener, metrics } = await start(finished);
    const { socket, closed } = open(listener.port, finished);
    const started = performance.now();
    socket.write(`${head('Content-Length: 1000')}{`);
    const drip = setInterval(() => socket.write(' '), 500);
    const answer = await closed;
    clearInterval(drip);
    expect(answer).toBe(TIMEOUT);
    expect(performance.now() - started).toBeLessThan(13_000);
    await vi.waitFor(async () =>
      expect(await metrics.text()).toContain('sendx_proxy_aborted_bodies_total 1'),
    );
  });

  test('an idle connection is closed', async ({ onTestFinished: finished }) => {
    const { listener } = await start(finished);
    const { socket, closed } = open(listener.port, finished);
    socket.write(`GET /v1/sendx.js HTTP/1.1\r\nHost: proxy\r\n\r\n`);
    expect(statusOf(await closed)).toBe(200);
  });
});

describe('aborted bodies', () => {
  test('are caught and counted, and disturb nobody', async () => {
    const { listener, metrics } = await start();
    const complaints = vi.spyOn(console, 'error');
    const remarks = vi.spyOn(console, 'info');
    onTestFinished(() => void vi.restoreAllMocks());
    for (const lines of [['Content-Length: 1000'], ['Transfer-Encoding: chunked']]) {
      const { socket, closed } = open(listener.port);
      socket.write(`${head(...lines)}5\r\n{"v":`, () => socket.resetAndDestroy());
      await closed;
    }
    await vi.waitFor(async () =>
      expect(await metrics.text()).toContain('sendx_proxy_aborted_bodies_total 2'),
    );
    const response = await post(listener.port, envelope([track()]));
    expect(response.status).toBe(202);
    expect(complaints).not.toHaveBeenCalled();
    expect(remarks).not.toHaveBeenCalled();
  });
});

describe('sizes', () => {
  test('a body of the limit is read, one byte more is refused before it is sent', async () => {
    const { listener } = await start();
    const body = JSON.stringify(envelope([])).padEnd(MAX_BODY_BYTES);
    expect((await post(listener.port, body)).status).toBe(202);
    const { socket, received } = open(listener.port);
    socket.write(head(`Content-Length: ${MAX_BODY_BYTES + 1}`));
    await vi.waitFor(() => expect(statusOf(received())).toBe(413));
  });

  test('chunks are counted, whatever they announce', async () => {
    const { listener } = await start();
    const { socket, received } = open(listener.port);
    socket.write(head('Transfer-Encoding: chunked'));
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
    for (let sent = 0; sent <= MAX_BODY_BYTES; sent += 0x1000) socket.write(chunk);
    await vi.waitFor(() => expect(statusOf(received())).toBe(413));
  });
});

describe('what Node answers before it is a request', () => {
  // No CORS headers: a page may not read the answer, and takes it for a failure of the network.
  test.each([
    ['headers over 8 KiB', `X-Bomb: ${'x'.repeat(9_000)}`, '431 Request Header Fields Too Large'],
    ['a malformed header', 'No colon', '400 Bad Request'],
  ])('carries nothing but the end of the connection: %s', async (_, line, status) => {
    const { listener } = await start();
    const { socket, closed } = open(listener.port);
    socket.write(head(line));
    expect(await closed).toBe(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
});

describe('bounds of the server', () => {
  const script = 'GET /v1/sendx.js HTTP/1.1\r\nHost: proxy\r\n\r\n';

  /** A listener, and Node's server behind it, with a connection that stays. */
  async function startServer() {
    const { app } = await createTestApp({ outbox: recordingOutbox() });
    let server: Server | undefined;
    const listener = await listen({
      host: '127.0.0.1',
      port: 0,
      fetch(request, env) {
        const { incoming } = env as { readonly incoming: { readonly socket: Socket } };
        server = (incoming.socket as Socket & { readonly server: Server }).server;
        return app.fetch(request, env);
      },
    });
    onTestFinished(() => listener.close(0));
    const first = open(listener.port);
    first.socket.write(script);
    await vi.waitFor(() => expect(statusOf(first.received())).toBe(200));
    if (server === undefined) throw new Error('No request came.');
    return { port: listener.port, server, first };
  }

  test('are those of a public port', async () => {
    const { server } = await startServer();
    expect(server).toMatchObject({
      maxRequestsPerSocket: 1_000,
      maxConnections: 10_000,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
    });
  });

  test('a connection is told to end with its thousandth request, and hears no script after it', async () => {
    const { listener } = await start();
    const { socket, received } = open(listener.port);
    const answers = () => received().split('HTTP/1.1 ').slice(1);
    socket.write(script.repeat(1_000));
    await vi.waitFor(() => expect(answers()).toHaveLength(1_000), 10_000);
    expect(answers().filter((answer) => answer.startsWith('200'))).toHaveLength(1_000);
    expect(answers().findIndex((answer) => /\r\nconnection: close\r\n/i.test(answer))).toBe(999);
    socket.write(script);
    await vi.waitFor(() => expect(answers()[1_000]).toMatch(/^503/));
  });

  test('a connection too many is closed unheard, and one that ends makes room', async () => {
    const { port, server, first } = await startServer();
    server.maxConnections = 1;
    const second = open(port);
    second.socket.write(script);
    expect(await second.closed).toBe('');

    first.socket.write(script);
    await vi.waitFor(() => expect(first.received().match(/HTTP\/1\.1 200/g)).toHaveLength(2));
    first.socket.destroy();

    await vi.waitFor(async () => {
      const third = open(port);
      third.socket.write(script.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      expect(statusOf(await third.closed)).toBe(200);
    });
  });
});

test('the script travels in the bytes that were made at build time', async () => {
  const { listener } = await start();
  const { socket, closed } = open(listener.port);
  const request = 'GET /v1/sendx.js HTTP/1.1\r\nHost: proxy\r\nAccept-Encoding: gzip, br\r\n';
  socket.write(`${request}Connection: close\r\n\r\n`);
  const answer = await closed;
  expect(answer).toMatch(/\r\ncontent-encoding: br\r\n/i);
  expect(answer).toMatch(/\r\ncontent-length: 21\r\n/i);
  expect(answer).toMatch(/\r\n\r\n\/\* sendx\.js brotli \*\/$/);
});

describe('smuggling', () => {
  const inner = 'GET /v1/sendx.js HTTP/1.1\r\nHost: proxy\r\n\r\n';

  test.each([
    ['length and chunks', ['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${inner}`],
    ['chunks and length', ['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${inner}`],
    ['two lengths', ['Content-Length: 2', 'Content-Length: 60'], `{}${inner}`],
    ['a signed length', ['Content-Length: +2'], `{}${inner}`],
    ['another coding', ['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${inner}`],
    ['a coding in disguise', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${inner}`],
    [
      'a folded header',
      ['X-Fold: a\r\n b', 'Transfer-Encoding:\r\n chunked', 'Content-Length: 2'],
      `{}${inner}`,
    ],
    ['a space before the colon', ['Content-Length : 2'], `{}${inner}`],
    ['bare line feeds', ['X-A: b\nTransfer-Encoding: chunked', 'Content-Length: 2'], `{}${inner}`],
  ])('%s is answered 400, once, and the connection ends', async (_, lines, body) => {
    const { listener } = await start();
    const { socket, closed } = open(listener.port);
    socket.write(head(...lines) + body);
    const answer = await closed;
    expect(statusOf(answer)).toBe(400);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

/** An outbox whose appends wait until they are released. */
function heldOutbox() {
  const outbox = recordingOutbox();
  let asked = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const append: typeof outbox.append = async (messages) => {
    asked += 1;
    await released;
    return outbox.append(messages);
  };
  return { ...outbox, append, asked: () => asked, release };
}

describe('closing', () => {
  test('answers what is in flight, closes what idles, takes nothing new', async () => {
    const outbox = heldOutbox();
    const { app } = await createTestApp({ outbox });
    const listener = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 });
    const idle = open(listener.port);
    idle.socket.write('GET /v1/sendx.js HTTP/1.1\r\nHost: proxy\r\n\r\n');
    await vi.waitFor(() => expect(statusOf(idle.received())).toBe(200));
    const body = JSON.stringify(envelope([track()]));
    const answer = post(listener.port, body);
    await vi.waitFor(() => expect(outbox.asked()).toBe(1));

    const closed = listener.close(5_000);

    await idle.closed;
    await expect(post(listener.port, body)).rejects.toThrow();
    outbox.release();
    expect((await answer).status).toBe(202);
    await closed;
    expect(outbox.kept).toHaveLength(1);
  });

  test('a busy connection learns from its next answer that it ends', async () => {
    const outbox = heldOutbox();
    const { app } = await createTestApp({ outbox });
    const listener = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 });
    const body = JSON.stringify(envelope([track()]));
    const request = head(`Content-Length: ${body.length}`) + body;
    const { socket, closed } = open(listener.port);
    socket.write(request);
    await vi.waitFor(() => expect(outbox.asked()).toBe(1));

    const isClosed = listener.close(5_000);
    socket.write(request);
    await vi.waitFor(() => expect(outbox.asked()).toBe(2));
    outbox.release();

    const [, first, second] = (await closed).split('HTTP/1.1 202');
    expect(first).toMatch(/connection: keep-alive/i);
    expect(second).toMatch(/connection: close/i);
    await isClosed;
  });

  test('cuts what outlasts the grace', async () => {
    const never: NonNullable<Parameters<typeof createTestApp>[0]>['outbox'] = {
      laneOf: (email) => email,
      append: () => new Promise(() => {}),
    };
    const { app } = await createTestApp({ outbox: never });
    const listener = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 });
    const body = JSON.stringify(envelope([track()]));
    const { socket, closed } = open(listener.port);
    socket.write(head(`Content-Length: ${body.length}`) + body);
    await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(body.length));
    await listener.close(50);
    expect(await closed).toBe('');
  });
});

function post(port: number, body: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: 'POST',
    headers: { Origin: SITE, 'Content-Type': 'text/plain' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

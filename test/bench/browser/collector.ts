import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What a contestant's server saw. */
export interface Collector {
  readonly port: number;
  /** Requests that carry something, GET among them. */
  requests(): number;
  preflights(): number;
  /** All that came over its connections: lines, headers, bodies. */
  bytes(): number;
  /** Whether a text was in any body or address, however encoded. */
  has(text: string): boolean;
  close(): Promise<void>;
}

/** Starts a server that accepts what any of the contestants sends, as its vendor's does. */
export async function startCollector(): Promise<Collector> {
  let requests = 0;
  let preflights = 0;
  let bytes = 0;
  const texts: string[] = [];
  const server = createServer((incoming, response) => {
    const { method, url = '', headers } = incoming;
    const chunks: Buffer[] = [];
    incoming.on('error', () => undefined);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const cors = {
        'Access-Control-Allow-Origin': headers.origin ?? '*',
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '',
        'Access-Control-Allow-Methods': 'POST, GET',
        'Access-Control-Max-Age': '7200',
      };
      if (method === 'OPTIONS') {
        preflights += 1;
        return response.writeHead(204, cors).end();
      }
      requests += 1;
      const body = Buffer.concat(chunks);
      texts.push(...decodings(body), decodeURIComponent(url));
      return response
        .writeHead(200, { ...cors, 'Content-Type': 'application/json' })
        .end(JSON.stringify({ ok: true, success: true, status: 1, ...receiptOf(body) }));
    });
  });
  server.on('connection', (socket) => {
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    preflights: () => preflights,
    bytes: () => bytes,
    has: (text) => texts.some((one) => one.includes(text)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A body as it came, and as each encoding that contestants use would have it read. */
function decodings(body: Buffer): readonly string[] {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const text = (isGzip ? gunzipSync(body) : body).toString();
  const form = new URLSearchParams(text).get('data') ?? '';
  return [text, form, Buffer.from(form, 'base64').toString()];
}

/** What this project's snippet waits for: a word on each message. */
function receiptOf(body: Buffer): object {
  try {
    const { messages } = JSON.parse(body.toString()) as { messages?: { id: string }[] };
    return messages ? { results: messages.map(({ id }) => ({ id, status: 'accepted' })) } : {};
  } catch {
    return {};
  }
}

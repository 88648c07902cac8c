import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { envelope, SITE, temporaryFolder } from '../fixture.ts';
import { buildProgram, type Program } from '../program.ts';
import { drained, victim } from './ordeal.ts';

const LONG = process.env.LONG === '1';
const ROUNDS = 9;
const ROUND_MS = 1_000;
const BATCH = 10;
const PARALLEL = 64;
/** Deliveries at a time: the default of `SENDX_MAX_CONCURRENCY`. */
const CONCURRENCY = 8;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Writes of 4 KiB a second that are each on disk before the next. */
function bareFsync(path: string): number {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  const from = performance.now();
  let count = 0;
  for (; performance.now() - from < ROUND_MS; count += 1) {
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
  }
  closeSync(file);
  return count / ((performance.now() - from) / 1_000);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Reads JSON and answers `status` with JSON: the least that a server can do. */
const bareServer = (status: number, answer: object) =>
  listen(
    createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (piece: string) => {
        text += piece;
      });
      request.on('end', () => {
        JSON.parse(text);
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(answer));
      });
    }),
  );

let sent = 0;
function batch(): string {
  const messages = Array.from({ length: BATCH }, () => {
    sent += 1;
    const id = `mhx3k2a1-${sent.toString(36)}-0`;
    const traits = { firstName: 'Jane', customFields: { Plan: 'gold' } };
    const email = `jane${sent % 5_000}@example.com`;
    return { id, type: 'identify', at: 1_763_955_600_100, email, traits } as const;
  });
  return JSON.stringify(envelope(messages));
}

/** Messages a second that a server takes from {@link PARALLEL} connections, ten a request. */
async function accepted(port: number): Promise<number> {
  const from = performance.now();
  const until = from + ROUND_MS;
  let answered = 0;
  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      const next = () => {
        const body = batch();
        socket.write(
          `POST /v1/messages HTTP/1.1\r\nHost: proxy\r\nOrigin: ${SITE}\r\n` +
            `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      };
      socket.setEncoding('latin1');
      socket.on('connect', next);
      socket.on('data', (piece: string) => {
        text += piece;
        if (!text.endsWith('}') && !text.endsWith('0\r\n\r\n')) return;
        if (!text.startsWith('HTTP/1.1 202')) return void socket.destroy(new Error(text));
        text = '';
        answered += 1;
        if (performance.now() > until) socket.end();
        else next();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve());
    });
  await Promise.all(Array.from({ length: PARALLEL }, connection));
  return (answered * BATCH) / ((performance.now() - from) / 1_000);
}

/** Calls a second that a loop with `fetch` and nothing else makes, as many at a time. */
async function bareCalls(url: string): Promise<number> {
  const from = performance.now();
  let count = 0;
  const body = JSON.stringify({ email: 'jane@example.com', customFields: { Plan: 'gold' } });
  const worker = async () => {
    while (performance.now() - from < ROUND_MS) {
      await (await fetch(url, { method: 'POST', body })).json();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return count / ((performance.now() - from) / 1_000);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

describe.runIf(LONG)('in one run', () => {
  it('accepts more than a bare fsync loop writes, and some of what a bare server answers', async () => {
    const folder = temporaryFolder();
    // Nobody is there: only taking is measured.
    const proxy = await victim(
      program,
      `sqlite:${join(folder, 'outbox.sqlite')}`,
      'http://127.0.0.1:1',
    );
    onTestFinished(() => proxy.kill());
    await proxy.start();
    const bare = await bareServer(202, { results: [] });
    const port = Number(new URL(proxy.url).port);
    const rates = { fsync: [] as number[], bare: [] as number[], proxy: [] as number[] };
    await accepted(port);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.fsync.push(bareFsync(join(folder, 'fsync')));
      rates.bare.push(await accepted(bare));
      rates.proxy.push(await accepted(port));
    }
    const [fsync, server, own] = [median(rates.fsync), median(rates.bare), median(rates.proxy)];
    say(
      `accepted ${own.toFixed(0)} messages/s: ${(own / fsync).toFixed(1)} of a bare fsync loop ` +
        `(${fsync.toFixed(0)}/s), ${(own / server).toFixed(2)} of bare node:http (${server.toFixed(0)}/s)`,
    );
    expect(own / fsync).toBeGreaterThan(1);
    expect(own / server).toBeGreaterThan(0.03);
  }, 200_000);

  it('drains a good part of what a bare loop of calls makes', async () => {
    const sendx = await bareServer(200, { status: '200', message: 'OK' });
    const url = `http://127.0.0.1:${sendx}`;
    const proxy = await victim(program, `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`, url);
    onTestFinished(() => proxy.kill());
    await proxy.start();
    const port = Number(new URL(proxy.url).port);
    const rates = { bare: [] as number[], proxy: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.bare.push(await bareCalls(url));
      const from = performance.now();
      const before = sent;
      while (sent - before < 2_000) {
        await fetch(`http://127.0.0.1:${port}/v1/messages`, {
          method: 'POST',
          headers: { Origin: SITE, 'Content-Type': 'text/plain' },
          body: batch(),
        });
      }
      await drained(proxy);
      rates.proxy.push((sent - before) / ((performance.now() - from) / 1_000));
    }
    const [bare, own] = [median(rates.bare), median(rates.proxy)];
    say(
      `drained ${own.toFixed(0)} messages/s: ${(own / bare).toFixed(2)} of bare calls (${bare.toFixed(0)}/s)`,
    );
    expect(own / bare).toBeGreaterThan(0.2);
  }, 200_000);
});

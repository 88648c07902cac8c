import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { callLoop } from '../../bench/servers/callLoop.ts';
import { drainOnce } from '../../bench/servers/draining.ts';
import { fsyncLoop } from '../../bench/servers/fsyncLoop.ts';
import { temporaryFolder } from '../fixture.ts';
import { throughput } from '../load/throughput.ts';
import { buildProgram, type Program } from '../program.ts';
import { victim } from './ordeal.ts';

const LONG = process.env.LONG === '1';
const ROUNDS = 9;
const ROUND_MS = 1_000;
const BATCH = 10;
/** What a disk writes at once. */
const PAGE_BYTES = 4_096;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

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

/** Messages a second that a server takes, ten a request. */
const accepted = async (port: number) => (await throughput(port, 1, BATCH)).perSecond * BATCH;

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
      rates.fsync.push(fsyncLoop(join(folder, 'fsync'), PAGE_BYTES, ROUND_MS));
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
    const rates = { bare: [] as number[], proxy: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.bare.push(await callLoop(url, ROUND_MS));
      rates.proxy.push(await drainOnce(proxy));
    }
    const [bare, own] = [median(rates.bare), median(rates.proxy)];
    say(
      `drained ${own.toFixed(0)} messages/s: ${(own / bare).toFixed(2)} of bare calls (${bare.toFixed(0)}/s)`,
    );
    expect(own / bare).toBeGreaterThan(0.2);
  }, 200_000);
});

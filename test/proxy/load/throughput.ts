import { connect } from 'node:net';
import { envelope, SITE } from '../fixture.ts';

const CONNECTIONS = 16;

/** What a server did while 16 connections always waited for an answer. */
export interface Throughput {
  /** Requests a second that were answered with 202. */
  readonly perSecond: number;
  /** Milliseconds that each of them took. */
  readonly latencies: readonly number[];
}

/**
 * Asks a server for as much as it can do.
 *
 * @param messages - Messages in each request.
 */
export async function throughput(port: number, seconds: number, messages = 1): Promise<Throughput> {
  const latencies: number[] = [];
  let sent = 0;
  const until = performance.now() + seconds * 1_000;
  const run = process.hrtime.bigint().toString(36);

  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      let asked = 0;
      const next = () => {
        asked = performance.now();
        socket.write(request(`${run}-${(sent++).toString(36)}`, messages));
      };
      socket.setEncoding('latin1');
      socket.on('connect', next);
      socket.on('data', (piece: string) => {
        text += piece;
        // Both servers end an answer with the end of its JSON.
        if (!text.endsWith(']}') && !text.endsWith('0\r\n\r\n')) return;
        if (!text.startsWith('HTTP/1.1 202')) return void socket.destroy(new Error(text));
        const isLast = performance.now() > until;
        const closes = /\r\nconnection: close\r\n/i.test(text);
        text = '';
        latencies.push(performance.now() - asked);
        if (isLast) socket.end();
        else if (!closes) next();
      });
      socket.on('error', reject);
      socket.on('close', () => {
        if (performance.now() > until) resolve();
        else connection().then(resolve, reject);
      });
    });

  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return { perSecond: latencies.length / ((performance.now() - started) / 1_000), latencies };
}

function request(id: string, messages: number): string {
  const email = `jane${id.length}@example.com`;
  const traits = { firstName: 'Jane', tags: ['newsletter'], customFields: { Plan: 'gold' } };
  const body = JSON.stringify(
    envelope(
      Array.from({ length: messages }, (_, each) => ({
        id: `${id}-${each}`,
        type: 'identify',
        at: 1_763_955_600_100,
        email,
        traits,
      })),
    ),
  );
  const length = `Content-Length: ${body.length}`;
  return `POST /v1/messages HTTP/1.1\r\nHost: proxy\r\nOrigin: ${SITE}\r\nContent-Type: text/plain\r\n${length}\r\n\r\n${body}`;
}

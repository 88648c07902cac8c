import { connect } from 'node:net';
import { envelope, SITE } from '../fixture.ts';

const CONNECTIONS = 16;

/** Requests a second that a server answers with 202 while 16 connections always wait for one. */
export async function throughput(port: number, seconds: number): Promise<number> {
  let answered = 0;
  let sent = 0;
  const until = performance.now() + seconds * 1_000;
  const run = process.hrtime.bigint().toString(36);

  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      const next = () => socket.write(request(`${run}-${(sent++).toString(36)}`));
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
        answered += 1;
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
  return answered / ((performance.now() - started) / 1_000);
}

function request(id: string): string {
  const email = `jane${id.length}@example.com`;
  const traits = { firstName: 'Jane', tags: ['newsletter'], customFields: { Plan: 'gold' } };
  const body = JSON.stringify(
    envelope([{ id, type: 'identify', at: 1_763_955_600_100, email, traits }]),
  );
  const length = `Content-Length: ${body.length}`;
  return `POST /v1/messages HTTP/1.1\r\nHost: proxy\r\nOrigin: ${SITE}\r\nContent-Type: text/plain\r\n${length}\r\n\r\n${body}`;
}

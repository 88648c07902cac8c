import { Agent, request } from 'node:http';
import { envelope, SITE } from '../fixture.ts';
import { addressOf } from './canary.ts';

/** What honest pages saw. */
export interface Visit {
  /** Milliseconds from each request to its whole answer, ascending. */
  readonly latencies: readonly number[];
  /** As they came, head and body. */
  readonly answers: readonly string[];
  /** Requests that had to be sent again. */
  readonly repeats: number;
}

/** How many pages, and for how long. */
export interface VisitOptions {
  readonly port: number;
  /** Requests a second that begin, whatever became of those before. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Goes into ids. */
  readonly name: string;
}

const VISITORS = 100;

/** Lets honest pages call for a while; resolves once each has its answer. */
export async function visit({ port, perSecond, seconds, name }: VisitOptions): Promise<Visit> {
  const agent = new Agent({ keepAlive: true });
  const latencies: number[] = [];
  const answers: string[] = [];
  let repeats = 0;

  async function call(turn: number): Promise<void> {
    const visitor = turn % VISITORS;
    const ids = Array.from({ length: 1 + (turn % 3) }, (_, n) => `${name}-${turn}-${n}`);
    const body = JSON.stringify(envelope(ids.map((id) => message(id, `visitor${visitor}`))));
    // A page that heard no answer sends the same again; here every twentieth has not listened.
    for (let sends = turn % 20 === 0 ? 2 : 1; sends > 0; sends -= 1) {
      const started = performance.now();
      let answer = await post(agent, port, visitor, body);
      for (; answer === undefined; answer = await post(agent, port, visitor, body)) repeats += 1;
      latencies.push(performance.now() - started);
      answers.push(answer);
    }
  }

  const calls: Promise<void>[] = [];
  const started = performance.now();
  for (let turn = 0; turn < perSecond * seconds; turn += 1) {
    const waitMs = started + (turn * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    calls.push(call(turn));
  }
  await Promise.all(calls);
  agent.destroy();
  return { latencies: latencies.toSorted((a, b) => a - b), answers, repeats };
}

const message = (id: string, visitor: string) => ({
  id,
  type: 'identify',
  at: 1_763_955_600_100,
  email: addressOf(visitor),
  traits: { firstName: addressOf(visitor), customFields: { Step: id }, tags: ['newsletter'] },
});

/** Resolves to the whole answer; `undefined` where the connection broke. */
function post(
  agent: Agent,
  port: number,
  visitor: number,
  body: string,
): Promise<string | undefined> {
  const headers = {
    Origin: SITE,
    'Content-Type': 'text/plain',
    'Content-Length': Buffer.byteLength(body),
    'X-Forwarded-For': `198.51.100.${visitor}`,
  };
  const options = { agent, host: '127.0.0.1', port, path: '/v1/messages', method: 'POST', headers };
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      let text = `HTTP/1.1 ${response.statusCode}\r\n${response.rawHeaders.join('\n')}\r\n\r\n`;
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve(text));
      response.on('error', () => resolve(undefined));
    });
    sent.on('error', () => resolve(undefined));
    sent.end(body);
  });
}

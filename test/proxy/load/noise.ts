// A process of its own, so that what it does delays nothing that is measured.
import { MAX_BODY_BYTES } from '../../../src/protocol.ts';
import { API_KEY, addressOf } from './canary.ts';
import { type Exchange, exchange } from './exchange.ts';

const [portText, origin = ''] = process.argv.slice(2);
const port = Number(portText);
let count = 0;

interface Request {
  readonly line?: string;
  readonly from: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

const head = ({ line = 'POST /v1/messages', from, headers = [] }: Request) =>
  [
    `${line} HTTP/1.1`,
    'Host: proxy',
    'Connection: close',
    `X-Forwarded-For: ${from}`,
    `Origin: ${origin}`,
    'Content-Type: text/plain',
    ...headers,
    '',
    '',
  ].join('\r\n');

const whole = (request: Request) => {
  const { headers = [], body = '' } = request;
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return head({ ...request, headers: [...headers, length] }) + body;
};

/** An address of an office full of people, each below the limit. */
const someone = () => `192.0.${2 + (count % 40)}.${count % 250}`;
const FLOODER = '203.0.113.99';

const identify = (changes: object = {}) => {
  count += 1;
  const email = addressOf(`noise${count % 500}`);
  return { id: `noise-${count}`, type: 'identify', at: 1_763_955_600_100, email, ...changes };
};
/** What the proxy takes; SendX can tell it by its step. */
const known = (customFields: Readonly<Record<string, string>>) => {
  const message = identify();
  return { ...message, traits: { customFields: { ...customFields, Step: message.id } } };
};
const envelope = (...messages: readonly unknown[]) =>
  JSON.stringify({ v: 1, sentAt: 1_763_955_600_123, messages });
const nested = (depth: number): unknown => (depth === 0 ? {} : { a: nested(depth - 1) });

const INVALID: readonly (() => Request)[] = [
  () => ({ from: someone(), body: `{"email":"${addressOf('broken')}"` }),
  () => ({ from: someone(), body: JSON.stringify({ v: 2, messages: [identify()] }) }),
  () => ({ from: someone(), body: envelope(identify({ traits: { phone: addressOf('x') } })) }),
  () => ({ from: someone(), body: envelope(identify({ traits: { tags: [addressOf('tag')] } })) }),
  () => ({ from: someone(), body: envelope(identify({ traits: {}, signature: 'ab'.repeat(32) })) }),
  () => ({ from: someone(), body: envelope(identify({ traits: { newEmail: addressOf('n') } })) }),
  () => ({ from: someone(), body: envelope({ id: addressOf('id'), email: addressOf('id') }) }),
  () => ({ from: someone(), headers: ['Content-Encoding: gzip'], body: addressOf('gzip') }),
];

const HOSTILE: readonly (() => Omit<Exchange, 'port'>)[] = [
  () => ({ parts: [head({ from: someone(), headers: ['Content-Length: 70000'] })] }),
  () => ({
    parts: [
      head({ from: someone(), headers: ['Transfer-Encoding: chunked'] }),
      ...Array.from(
        { length: MAX_BODY_BYTES / 0x1000 + 1 },
        () => `1000\r\n${'x'.repeat(0x1000)}\r\n`,
      ),
    ],
  }),
  () => ({ parts: [head({ from: someone(), headers: [`X-Bomb: ${'x'.repeat(9_000)}`] })] }),
  () => ({
    parts: [
      `${head({ from: someone(), headers: ['Content-Length: 6', 'Transfer-Encoding: chunked'] })}0\r\n\r\n`,
    ],
  }),
  () => ({ parts: [`\u0016\u0003\u0001${addressOf('tls')}\r\n\r\n`] }),
  () => ({
    parts: [head({ from: someone(), headers: ['Content-Length: 900'] }), '{"v":1'],
    aborts: true,
  }),
  () => ({
    parts: [whole({ from: someone(), body: envelope(identify({ traits: nested(2_000) })) })],
  }),
  () => ({
    parts: [whole({ from: someone(), body: `{"v":1,"sentAt":1,"messages":${'['.repeat(30_000)}` })],
  }),
  () => ({
    parts: [
      whole({
        from: someone(),
        body: envelope(
          identify({ traits: { customFields: JSON.parse('{"__proto__":{"a":"1"}}') } }),
        ),
      }),
    ],
  }),
  () => ({
    parts: [whole({ from: someone(), body: envelope(identify({ traits: {}, apiKey: API_KEY })) })],
  }),
  () => ({
    parts: [
      whole({
        from: someone(),
        body: envelope(known({ api_key: API_KEY })),
      }),
    ],
  }),
  () => ({
    parts: [head({ line: `GET /v1/messages?email=${addressOf('url')}`, from: someone() })],
  }),
  () => ({ parts: [head({ line: `GET /${API_KEY}/${addressOf('path')}`, from: someone() })] }),
  () => ({
    parts: [whole({ from: addressOf('hop'), headers: [`Origin: https://${addressOf('o')}`] })],
  }),
];

const SLOW: readonly (() => Omit<Exchange, 'port'>)[] = [
  () => ({
    everyMs: 400,
    parts: [
      `POST /v1/messages HTTP/1.1\r\nHost: proxy\r\n`,
      ...Array.from({ length: 30 }, () => 'X-Drip: 1\r\n'),
    ],
  }),
  () => ({
    everyMs: 400,
    parts: [
      head({ from: someone(), headers: ['Content-Length: 900'] }),
      ...'{"v":1,"sentAt":1,"messages":[]',
    ],
  }),
  // Slow, but honest: these are accepted.
  () => {
    const body = envelope(known({}));
    const request = whole({ from: someone(), body });
    const size = Math.ceil(request.length / 6);
    return { everyMs: 150, parts: request.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [] };
  },
];

type Kind = 'invalid' | 'hostile' | 'flood' | 'slow';

/** Exchanges under way at most, and the milliseconds between two that begin. */
const PLAN: Record<
  Kind,
  {
    readonly most: number;
    readonly everyMs: number;
    readonly next: (turn: number) => Omit<Exchange, 'port'>;
  }
> = {
  invalid: {
    most: 50,
    everyMs: 40,
    next: (turn) => ({ parts: [whole(INVALID[turn % INVALID.length]?.() ?? { from: someone() })] }),
  },
  hostile: {
    most: 50,
    everyMs: 50,
    next: (turn) => HOSTILE[turn % HOSTILE.length]?.() ?? { parts: [] },
  },
  flood: {
    most: 20,
    everyMs: 25,
    next: () => ({
      parts: [whole({ from: FLOODER, body: envelope(identify({ traits: { tags: ['never'] } })) })],
    }),
  },
  slow: { most: 100, everyMs: 60, next: (turn) => SLOW[turn % SLOW.length]?.() ?? { parts: [] } },
};

for (const [kind, { most, everyMs, next }] of Object.entries(PLAN)) {
  let turn = 0;
  let underWay = 0;
  setInterval(async () => {
    if (underWay >= most) return;
    underWay += 1;
    const answer = await exchange({ port, ...next(turn++) });
    underWay -= 1;
    process.stdout.write(`${JSON.stringify({ kind, answer })}\n`);
  }, everyMs);
}

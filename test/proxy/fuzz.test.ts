import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, type Message, type Receipt } from '../../src/protocol.ts';
import { createTestApp, type TestApp } from './fixture.ts';

/** 100,000 with `LONG=1`. */
const RUNS = process.env.LONG ? 100_000 : 2_000;
const LONG_MS = 30 * 60 * 1000;

/** In every string that is no word of the protocol; no answer or log may hold it, in any case. */
const CANARY = 'CANARY';

/** Bytes that one input may leave behind; measured over the last 80,000 of 100,000: none. */
const LEFT_BYTES = 100;

let app: TestApp;
/** What was stored since {@link judgeTraces} looked. */
const stored: Message[] = [];
let storedCount = 0;
beforeAll(async () => {
  const append = async (messages: readonly Message[]) => {
    stored.push(...messages);
    return messages.map(() => 'stored' as const);
  };
  const outbox = { append, laneOf: (email: string) => email };
  app = await createTestApp({ outbox, env: { ALLOWED_TAGS: '*' } });
});

afterEach(() => {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

const words = fc.constantFrom(
  'id',
  'type',
  'at',
  'email',
  'traits',
  'signature',
  'v',
  'sentAt',
  'lost',
  'messages',
  'calls',
  'call',
  'tags',
  'addTags',
  'removeTags',
  'customFields',
  'newEmail',
  'birthday',
  'identify',
  'track',
  'consent',
  'granted',
  'reset',
  'expired',
  'evicted',
  'toString',
  'length',
  '__proto__',
  'constructor',
  'prototype',
  '__pro\u200bto__',
  '\uff3f\uff3fproto__',
  ' constructor ',
  'constructo\u0000r',
  'polluted',
  'toJSON',
  'then',
);
/** Names and values that are something else once they are clean. */
const disguised = fc.constantFrom(
  '++5',
  '\u200b++5',
  '\uff0b\uff0b5',
  '++\u0665',
  `${CANARY},b`,
  `${CANARY}\uff0cb`,
  `${CANARY}\u{1f101}`,
  `${CANARY}e\u200b\u0301`,
  // 18 characters each in NFKC.
  `${CANARY}${'\ufdfa'.repeat(20)}`,
  CANARY + '\ufdfa'.repeat(13),
);
const text = fc.oneof(
  words,
  fc.string({ unit: 'binary', maxLength: 20 }).map((tail) => CANARY + tail),
  disguised,
  fc.constantFrom(`${CANARY}@example.com`, '2000-01-01', '[]', '[1]', '{"a":1}', ''),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    entries(tie('value')),
  ),
}));

/** Objects by their entries, so that `__proto__` becomes a key of its own. */
function entries(inner: fc.Arbitrary<unknown>) {
  const pair = fc.tuple(
    fc.oneof({ weight: 4, arbitrary: words }, { weight: 1, arbitrary: text }),
    inner,
  );
  return fc.array(pair, { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs));
}

const id = fc.stringMatching(/^[0-9a-z-]{1,12}$/);
const some = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: value });
const email = some(fc.constant(`${CANARY}@example.com`));
const tags = some(
  fc.array(some(fc.oneof(fc.constantFrom(`${CANARY}-a`, `${CANARY}-b`), disguised)), {
    maxLength: 8,
  }),
);
const message = fc.oneof(
  fc.record({ id: some(id), type: fc.constant('track'), at: some(fc.nat()), email, addTags: tags }),
  fc.record(
    {
      id: some(id),
      type: some(fc.constant('identify')),
      at: some(fc.nat()),
      email,
      traits: some(
        fc.record(
          {
            firstName: some(fc.constant(CANARY)),
            birthday: some(fc.constant('2000-01-01')),
            newEmail: email,
            tags,
            customFields: some(entries(some(fc.oneof(fc.constant(CANARY), disguised)))),
          },
          { requiredKeys: [] },
        ),
      ),
      signature: value,
    },
    { requiredKeys: ['id', 'type', 'at', 'email', 'traits'] },
  ),
);
const payload = some(
  fc.record({ email, tags, addTags: tags, customFields: value }, { requiredKeys: [] }),
);
const name = fc.constantFrom('identify', 'track', 'consent', 'config', 'reset', CANARY);
const args = some(fc.record({ 0: name, 1: payload }));
const body = fc.oneof(
  value,
  fc.record({
    v: some(fc.constant(1)),
    sentAt: some(fc.nat()),
    messages: some(fc.array(some(message), { maxLength: 5 })),
  }),
  fc.record({
    v: fc.constant(1),
    calls: fc.array(
      fc.oneof(
        { weight: 20, arbitrary: fc.tuple(id, fc.nat(), args) },
        { weight: 1, arbitrary: value },
      ),
      {
        maxLength: 5,
      },
    ),
  }),
);

/** What holds of every answer. Returns its text. */
async function judge(response: Response): Promise<string> {
  expect([202, 400, 413, 422]).toContain(response.status);
  const answer = await response.text();
  expect(answer).not.toMatch(/canary/i);
  return answer;
}

const MESSAGE = /^(id|type|at|email|traits|addTags|removeTags)$/;
const TRAITS = /^(firstName|lastName|company|birthday|newEmail|customFields|tags)$/;
const FORBIDDEN = /^(__proto__|constructor|prototype)$/;
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu;

/** Every object in `value` is one that JSON makes and has no forbidden key. */
function judgeObjects(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    expect(key).not.toMatch(FORBIDDEN);
    judgeObjects(Reflect.get(value, key));
  }
}

/** What holds of every message that is stored unsigned. */
function judgeStored(kept: Message): void {
  judgeObjects(kept);
  for (const key of Object.keys(kept)) expect(key).toMatch(MESSAGE);
  expect(kept.email).toMatch(/^[^\s@]+@[^\s@]+\.[^\s@]+$/);
  expect(new TextEncoder().encode(JSON.stringify(kept)).length).toBeLessThan(MAX_MESSAGE_BYTES + 1);
  const traits = kept.type === 'identify' ? kept.traits : {};
  for (const key of Object.keys(traits)) expect(key).toMatch(TRAITS);
  const lists = kept.type === 'track' ? [kept.addTags, kept.removeTags] : [traits.tags];
  const tags = lists.flatMap((list) => list ?? []);
  for (const tag of tags) expect(tag).not.toContain(',');
  for (const name of [...tags, ...Object.keys(traits.customFields ?? {})]) {
    expect(name.normalize('NFKC').replaceAll(HIDDEN, '').trim()).toBe(name);
    expect(name.length).toBeLessThan(256);
  }
  for (const said of Object.values(traits.customFields ?? {}))
    expect(said.replaceAll(HIDDEN, '').normalize('NFKC')).not.toMatch(/^\s*(\+\+|--)\s*\p{N}/u);
}

/** Judges what the last input left in the outbox and the log, and takes it away. */
function judgeTraces(): void {
  expect((app.lines as string[]).splice(0).join('')).not.toMatch(/canary/i);
  const messages = stored.splice(0);
  storedCount += messages.length;
  messages.forEach(judgeStored);
}

/** Bytes in use once what nobody holds is gone. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('whatever is sent', () => {
  test(
    'as JSON is answered without a crash, an echo, a log of it or a byte more in memory',
    async () => {
      const statuses = new Map<number, number>();
      const bytes: number[] = [];
      let inputs = 0;
      await fc.assert(
        fc.asyncProperty(body, async (json) => {
          // What is compiled and cached on the way is there by a fifth of it.
          if (++inputs === RUNS / 5 || inputs === RUNS) bytes.push(bytesInUse());
          const response = await app.send(JSON.stringify(json));
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          const answer = await judge(response);
          judgeTraces();
          if (response.status !== 202) return;
          for (const result of (JSON.parse(answer) as Receipt).results) {
            expect(['accepted', 'refused', 'later']).toContain(result.status);
          }
        }),
        { numRuns: RUNS },
      );
      // The fuzz is worth its name only if it reaches both the parser and what lies behind it.
      expect(statuses.get(202)).toBeGreaterThan(RUNS / 10);
      expect(statuses.get(422)).toBeGreaterThan(RUNS / 10);
      expect(storedCount).toBeGreaterThan(RUNS / 100);
      const [early = 0, late = Infinity] = bytes;
      // Shorter runs are still warming up.
      if (process.env.LONG) expect((late - early) / (RUNS * 0.8)).toBeLessThan(LEFT_BYTES);
    },
    LONG_MS,
  );

  test(
    'as damaged JSON too',
    async () => {
      const damaged = fc
        .tuple(
          body,
          fc.array(fc.tuple(fc.nat(), fc.constantFrom('"', '{', ']', ',', '\\', '\\u0000', ' ')), {
            maxLength: 4,
          }),
        )
        .map(([json, edits]) =>
          edits.reduce((sent, [at, mark]) => {
            const place = at % (sent.length + 1);
            return sent.slice(0, place) + mark + sent.slice(place + 1);
          }, JSON.stringify(json) ?? ''),
        );
      await fc.assert(
        fc.asyncProperty(damaged, async (sent) => {
          await judge(await app.send(sent));
          judgeTraces();
        }),
        { numRuns: RUNS / 2 },
      );
    },
    LONG_MS,
  );

  test(
    'as bytes too',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
          const sent = new TextDecoder().decode(bytes);
          expect([202, 400, 422]).toContain((await app.send(sent)).status);
          judgeTraces();
        }),
        { numRuns: RUNS / 4 },
      );
    },
    LONG_MS,
  );
});

describe('whatever the headers say', () => {
  const header = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(
      'text/plain',
      'application/json',
      'null',
      'navigate',
      'empty',
      '1',
      '-1',
      '1e9',
      'gzip',
      '::1',
    ),
  );
  const headers = fc.record(
    {
      Origin: header,
      'Content-Type': header,
      'Content-Length': header,
      'Content-Encoding': header,
      'X-Forwarded-For': header,
      'Sec-Fetch-Site': header,
      'Sec-Fetch-Mode': header,
      'Sec-Fetch-Dest': header,
    },
    { requiredKeys: [] },
  );

  test(
    'is answered with a status of the protocol',
    async () => {
      await fc.assert(
        fc.asyncProperty(headers, async (said) => {
          const printable = Object.entries(said).filter(([, text]) => /^[\x20-\x7e]*$/.test(text));
          const response = await app.send('{}', Object.fromEntries(printable));
          expect([403, 413, 415, 422]).toContain(response.status);
          expect(response.headers.get('vary')).toBe('Origin');
        }),
        { numRuns: RUNS / 2 },
      );
    },
    LONG_MS,
  );
});

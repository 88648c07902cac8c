import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/protocol.ts';
import { createTestApp, recordingOutbox, type TestApp } from './fixture.ts';

/** 100,000 with `LONG=1`. */
const RUNS = process.env.LONG ? 100_000 : 2_000;
const LONG_MS = 30 * 60 * 1000;

/** In every string that is no word of the protocol; no answer or log may hold it, in any case. */
const CANARY = 'CANARY';

let app: TestApp;
let outbox: ReturnType<typeof recordingOutbox>;
beforeAll(async () => {
  outbox = recordingOutbox();
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
  'polluted',
  'toJSON',
  'then',
);
const text = fc.oneof(
  words,
  fc.string({ unit: 'binary', maxLength: 20 }).map((tail) => CANARY + tail),
  fc.constantFrom(`${CANARY}@example.com`, '++5', '2000-01-01', '[]', '[1]', '{"a":1}', ''),
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
const tags = some(fc.array(some(fc.constantFrom(`${CANARY}-a`, `${CANARY}-b`)), { maxLength: 4 }));
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
            customFields: some(entries(some(fc.constant(CANARY)))),
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

describe('whatever is sent', () => {
  test(
    'as JSON is answered without a crash, an echo or a log of it',
    async () => {
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(body, async (json) => {
          const response = await app.send(JSON.stringify(json));
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          const answer = await judge(response);
          if (response.status !== 202) return;
          for (const result of (JSON.parse(answer) as Receipt).results) {
            expect(['accepted', 'refused', 'later']).toContain(result.status);
          }
        }),
        { numRuns: RUNS },
      );
      expect(app.lines.join('')).not.toMatch(/canary/i);
      // The fuzz is worth its name only if it reaches both the parser and what lies behind it.
      expect(statuses.get(202)).toBeGreaterThan(RUNS / 10);
      expect(statuses.get(422)).toBeGreaterThan(RUNS / 10);
      expect(outbox.kept.length).toBeGreaterThan(RUNS / 100);
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
        fc.asyncProperty(damaged, async (sent) => void (await judge(await app.send(sent)))),
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
        }),
        { numRuns: RUNS / 4 },
      );
    },
    LONG_MS,
  );

  test('what is stored is a message of the protocol and nothing else', () => {
    const allowed = /^(id|type|at|email|traits|addTags|removeTags)$/;
    for (const kept of outbox.kept) {
      expect(Object.keys(kept).every((key) => allowed.test(key))).toBe(true);
      expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
      expect(kept.email).toMatch(/^[^\s@]+@[^\s@]+\.[^\s@]+$/);
    }
    expect(outbox.kept.length).toBeGreaterThan(0);
  });
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

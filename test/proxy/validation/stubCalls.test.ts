import { describe, expect, test } from 'vitest';
import { parseEnvelope } from '../../../src/proxy/validation.ts';

type Call = readonly unknown[];

/** As the stub writes it: `arguments` become an object without a length. */
const stubEnvelope = (calls: readonly Call[]) => ({
  v: 1,
  calls: calls.map((call, place) => [`c-${place}`, 1000 + place, { ...call }]),
});

/** What becomes of each call, ids by place: messages without id and time, or a code. */
function read(calls: readonly Call[]) {
  const body = stubEnvelope(calls);
  const parsed = parseEnvelope(JSON.parse(JSON.stringify(body)));
  if ('issues' in parsed) throw new Error(JSON.stringify(parsed.issues));
  return parsed.entries.map((entry) => {
    const place = Number(entry.id.slice(2));
    if (!('message' in entry)) return [place, entry.code] as const;
    const { id, at, ...said } = entry.message;
    expect(at).toBe(1000 + place);
    return [place, said] as const;
  });
}

const jane = { email: 'jane@example.com' };
const joe = { email: 'joe@example.com' };
const signature = 'a'.repeat(64);

describe('stub calls', () => {
  test('an identify names the contact of the calls after it', () => {
    const calls: Call[] = [
      ['identify', { email: ' Jane@Example.com', firstName: 'Jane', tags: ['a'] }],
      ['track', { addTags: ['b'] }],
    ];
    expect(read(calls)).toEqual([
      [0, { type: 'identify', ...jane, traits: { firstName: 'Jane', tags: ['a'] } }],
      [1, { type: 'track', ...jane, addTags: ['b'] }],
    ]);
  });

  test('each identify names the contact anew', () => {
    const calls: Call[] = [
      ['identify', { ...jane, signature }],
      ['identify', { firstName: 'Jane' }],
      ['identify', joe],
      ['track', { removeTags: ['b'] }],
    ];
    expect(read(calls)).toEqual([
      [0, { type: 'identify', ...jane, signature, traits: {} }],
      [1, { type: 'identify', ...jane, signature, traits: { firstName: 'Jane' } }],
      [2, { type: 'identify', ...joe, traits: {} }],
      [3, { type: 'track', ...joe, removeTags: ['b'] }],
    ]);
  });

  test('a signature goes with its address only', () => {
    const calls: Call[] = [
      ['identify', { ...jane, signature }],
      ['track', { addTags: ['a'] }],
      ['track', { ...joe, addTags: ['b'] }],
      ['track', { email: 'JANE@example.com', addTags: ['c'] }],
    ];
    expect(read(calls).map(([, said]) => said)).toMatchObject([
      { ...jane, signature },
      { ...jane, signature },
      { email: joe.email },
      { ...jane, signature },
    ]);
    expect(read(calls)[2]?.[1]).not.toHaveProperty('signature');
  });

  test('newEmail is the contact from then on, unproven', () => {
    const calls: Call[] = [
      ['identify', { ...jane, signature, newEmail: 'jane@example.org' }],
      ['track', { addTags: ['a'] }],
    ];
    expect(read(calls)).toEqual([
      [0, { type: 'identify', ...jane, signature, traits: { newEmail: 'jane@example.org' } }],
      [1, { type: 'track', email: 'jane@example.org', addTags: ['a'] }],
    ]);
  });

  test('tracks before the first identify follow right after it', () => {
    const calls: Call[] = [
      ['track', { addTags: ['early'] }],
      ['identify', jane],
      ['track', { addTags: ['late'] }],
    ];
    expect(read(calls).map(([place]) => place)).toEqual([1, 0, 2]);
    expect(read(calls)[1]).toEqual([0, { type: 'track', ...jane, addTags: ['early'] }]);
  });

  test('calls that nobody is named for are unidentified', () => {
    expect(read([['track', { addTags: ['a'] }]])).toEqual([[0, 'unidentified']]);
    expect(read([['identify', { firstName: 'Jane' }]])).toEqual([[0, 'unidentified']]);
  });

  test('a track names its own contact and none for others', () => {
    const calls: Call[] = [
      ['track', { ...jane, addTags: ['a'] }],
      ['track', { addTags: ['b'] }],
    ];
    expect(read(calls)).toEqual([
      [0, { type: 'track', ...jane, addTags: ['a'] }],
      [1, 'unidentified'],
    ]);
  });

  test('reset forgets the visitor', () => {
    const calls: Call[] = [['identify', jane], ['reset'], ['track', { addTags: ['a'] }]];
    expect(read(calls)).toEqual([
      [0, { type: 'identify', ...jane, traits: {} }],
      [2, 'unidentified'],
    ]);
  });

  test('values become strings, blanks are absent, lists may be text, as in the library', () => {
    const calls: Call[] = [
      [
        'identify',
        {
          ...jane,
          firstName: ' Jane ',
          lastName: null,
          company: '',
          birthday: new Date('1990-05-17T00:00:00Z'),
          customFields: { ' Age ': 29, Vip: true, None: null, Points: '++5' },
          tags: 'a, b,,a',
          success: 'x',
          other: [1],
        },
      ],
      ['track', { addTags: [7, 'a ', 'a', ''], removeTags: '["c","d"]' }],
    ];
    expect(read(calls)).toEqual([
      [
        0,
        {
          type: 'identify',
          ...jane,
          traits: {
            firstName: 'Jane',
            birthday: '1990-05-17',
            customFields: { Age: '29', Vip: 'true', Points: '++5' },
            tags: ['a', 'b'],
          },
        },
      ],
      [1, { type: 'track', ...jane, addTags: ['7', 'a'], removeTags: ['c', 'd'] }],
    ]);
  });

  test('a bad call harms no other', () => {
    const calls: Call[] = [
      ['identify', jane],
      ['identfy', jane],
      [],
      ['track'],
      ['track', 'x'],
      ['track', { addTags: [{}] }],
      ['track', {}],
      ['identify', { email: 'nonsense' }],
      ['track', { ...jane, addTags: ['a'] }],
    ];
    expect(read(calls).map(([, said]) => said)).toMatchObject([
      { type: 'identify' },
      'invalid',
      'invalid',
      'invalid',
      'invalid',
      'invalid',
      'invalid',
      'invalid',
      { type: 'track' },
    ]);
  });

  test('forbidden keys refuse their call at any depth', () => {
    const body = `{"v":1,"calls":[
      ["c-0",1,{"0":"identify","1":{"email":"jane@example.com","__proto__":{"polluted":1}}}],
      ["c-1",1,{"0":"identify","1":{"email":"jane@example.com","customFields":{"constructor":"x"}}}],
      ["c-2",1,{"0":"identify","1":{"email":"jane@example.com"},"__proto__":{"1":"x"}}]]}`;
    const parsed = parseEnvelope(JSON.parse(body));
    expect(parsed).toMatchObject({
      entries: [
        { code: 'invalid' },
        { code: 'invalid' },
        { message: { email: 'jane@example.com' } },
      ],
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('calls of the page alone get no result', () => {
    const calls: Call[] = [
      ['config', { debug: true }],
      ['on', 'drop'],
      ['flush'],
      ['consent', 'granted'],
      ['form', '#f'],
      ['identify', jane],
    ];
    expect(read(calls).map(([place]) => place)).toEqual([5]);
  });

  test.each<[string, Call[], string]>([
    [
      'denied',
      [
        ['identify', jane],
        ['consent', 'denied'],
      ],
      'invalid',
    ],
    [
      'denied and granted later',
      [
        ['consent', 'denied'],
        ['identify', jane],
        ['consent', 'granted'],
      ],
      'invalid',
    ],
    [
      'pending',
      [
        ['consent', 'pending'],
        ['identify', jane],
      ],
      'later',
    ],
    [
      'pending by config',
      [
        ['config', { consent: 'pending' }],
        ['identify', jane],
      ],
      'later',
    ],
  ])('consent %s stores nothing', (_, calls, code) => {
    expect(read(calls).every(([, said]) => said === code)).toBe(true);
  });

  test('consent that was pending and is granted lets everything go', () => {
    const calls: Call[] = [
      ['consent', 'pending'],
      ['identify', jane],
      ['consent', 'granted'],
    ];
    expect(read(calls).map(([place]) => place)).toEqual([1]);
  });

  test.each([
    [{ v: 3, calls: [] }, [{ path: 'v', code: 'version' }]],
    [{ v: 1, calls: {} }, [{ path: 'calls', code: 'type' }]],
    [{ v: 1, calls: [], canary: 1 }, [{ path: '*', code: 'unknown_key' }]],
    [{ v: 1, calls: [['X', 1, {}]] }, [{ path: 'calls.0.0', code: 'type' }]],
    [{ v: 1, calls: [['x', 'canary', {}]] }, [{ path: 'calls.0.1', code: 'type' }]],
    [{ v: 1, calls: [{ canary: 1 }] }, [{ path: 'calls.0', code: 'type' }]],
    [{ v: 1, calls: Array(101).fill(['x', 1, {}]) }, [{ path: 'calls', code: 'too_many' }]],
  ])('%j is no envelope', (body, issues) => {
    expect(parseEnvelope(body)).toEqual({ issues });
  });

  test.each([
    ['a call', [JSON.stringify(['c-0', 1, { 0: 'identify', 1: jane }])]],
    ['its arguments', [['c-0', 1, JSON.stringify(['identify', jane])]]],
    ['all calls', JSON.stringify([['c-0', 1, ['identify', jane]]])],
  ])('%s may be JSON text: a page patched toJSON', (_, calls) => {
    expect(parseEnvelope({ v: 1, calls })).toMatchObject({
      entries: [{ id: 'c-0', message: { type: 'identify', ...jane } }],
    });
  });

  test.each([null, 7, 'identify', [], {}])(
    'arguments that are %j refuse their call alone',
    (call) => {
      const calls = [
        ['c-0', 1, call],
        ['c-1', 1, { 0: 'identify', 1: jane }],
      ];
      expect(parseEnvelope({ v: 1, calls })).toMatchObject({
        entries: [
          { id: 'c-0', code: 'invalid' },
          { id: 'c-1', message: jane },
        ],
      });
    },
  );
});

import { describe, expect, test } from 'vitest';
import { parseEnvelope } from '../../src/proxy/validation.ts';
import { envelope, identify, track } from './fixture.ts';

const issuesOf = (body: unknown) => {
  const parsed = parseEnvelope(body);
  return 'issues' in parsed ? parsed.issues : [];
};

const entriesOf = (body: unknown) => {
  const parsed = parseEnvelope(body);
  if ('issues' in parsed) throw new Error(JSON.stringify(parsed.issues));
  return parsed.entries;
};

/** The code that one message alone is refused with, or what is kept of it. */
const entryOf = (message: unknown) => entriesOf(envelope([message]))[0];

describe('an envelope', () => {
  test.each([
    ['a string', 'hello', [{ path: '', code: 'type' }]],
    ['null', null, [{ path: '', code: 'type' }]],
    ['an array', [], [{ path: '', code: 'type' }]],
    [
      'empty',
      {},
      [
        { path: 'v', code: 'missing' },
        { path: 'sentAt', code: 'missing' },
        { path: 'messages', code: 'missing' },
      ],
    ],
    ['of another version', { ...envelope([]), v: 2 }, [{ path: 'v', code: 'version' }]],
    ['with an unknown key', { ...envelope([]), canary: 1 }, [{ path: '*', code: 'unknown_key' }]],
    ['without a time', { ...envelope([]), sentAt: '1' }, [{ path: 'sentAt', code: 'type' }]],
    [
      'with messages that are no list',
      { ...envelope([]), messages: {} },
      [{ path: 'messages', code: 'type' }],
    ],
    [
      'with too many messages',
      envelope(Array(101).fill(1)),
      [{ path: 'messages', code: 'too_many' }],
    ],
    [
      'with a negative loss',
      { ...envelope([]), lost: { expired: -1, evicted: 0 } },
      [{ path: 'lost.expired', code: 'type' }],
    ],
    [
      'with half a loss',
      { ...envelope([]), lost: { expired: 1 } },
      [{ path: 'lost.evicted', code: 'missing' }],
    ],
    [
      'with __proto__',
      JSON.parse('{"v":1,"sentAt":1,"messages":[],"__proto__":{"polluted":1}}'),
      [{ path: '*', code: 'unknown_key' }],
    ],
    ['with constructor', { ...envelope([]), constructor: 1 }, [{ path: '*', code: 'unknown_key' }]],
  ])('%s is wrong', (_, body, issues) => {
    expect(issuesOf(body)).toEqual(issues);
  });

  test('without messages is right: it may only report losses', () => {
    const body = { ...envelope([]), lost: { expired: 2, evicted: 3 } };
    expect(parseEnvelope(body)).toEqual({ lost: { expired: 2, evicted: 3 }, entries: [] });
  });

  test.each([65_536, 1_000_000, 1e300])('counts a loss of %d as what the script can count', (n) => {
    const body = { ...envelope([]), lost: { expired: n, evicted: 65_535 } };
    expect(parseEnvelope(body)).toEqual({
      lost: { expired: 65_535, evicted: 65_535 },
      entries: [],
    });
  });

  test('holds 100 messages', () => {
    expect(entriesOf(envelope(Array.from({ length: 100 }, () => track())))).toHaveLength(100);
  });

  test('may be encoded twice, whole or in its arrays', () => {
    const message = track({ addTags: ['newsletter', 'ebook'] });
    const twice = { ...message, addTags: JSON.stringify(message.addTags) };
    const wanted = [{ id: message.id, message }];
    expect(entriesOf(JSON.stringify(envelope([message])))).toEqual(wanted);
    expect(entriesOf({ ...envelope([]), messages: JSON.stringify([twice]) })).toEqual(wanted);
  });
});

const base = identify();
const traits = (more: object) => ({ ...base, traits: more });

describe('a message', () => {
  test.each([
    ['an identify', base],
    ['an identify without traits', traits({})],
    [
      'every trait',
      traits({
        firstName: 'J',
        lastName: 'D',
        company: 'C',
        birthday: '2000-02-29',
        newEmail: 'j@example.org',
        customFields: { Age: '29' },
        tags: ['a'],
      }),
    ],
    ['a track', track()],
    ['only removals', { ...track(), addTags: [], removeTags: ['a'] }],
    ['names as long as SendX takes', traits({ firstName: 'x'.repeat(255) })],
    ['an id as long as may be', { ...base, id: 'x'.repeat(64) }],
  ])('with %s is kept as it is', (_, message) => {
    expect(entryOf(message)).toEqual({ id: message.id, message });
  });

  test.each([
    ['a number', 7, 'it must be an object'],
    ['null', null, 'it must be an object'],
    ['no type', { ...base, type: undefined }, 'type is missing'],
    ['another type', { ...base, type: 'canary' }, 'type must be identify or track'],
    ['an unknown key', { ...base, canary: 1 }, 'a key is unknown'],
    ['traits that are text', { ...base, traits: 'canary' }, 'traits must be an object'],
    ['an unknown trait', traits({ canary: 1 }), 'traits.a key is unknown'],
    ['no e-mail', { ...base, email: undefined }, 'email is missing'],
    ['a wrong e-mail', { ...base, email: 'canary' }, 'email must be an e-mail address'],
    [
      'a wrong newEmail',
      traits({ newEmail: 'canary' }),
      'traits.newEmail must be an e-mail address',
    ],
    ['a time as text', { ...base, at: '1' }, 'at must be a number'],
    ['half a millisecond', { ...base, at: 0.5 }, 'at must be an integer'],
    ['a time before 1970', { ...base, at: -1 }, 'at must not be negative'],
    ['a time that is none', { ...base, at: 1e300 }, 'at must be a time'],
    [
      'a name that is too long',
      traits({ lastName: 'x'.repeat(256) }),
      'traits.lastName must have at most 255 characters',
    ],
    ['a name that is no text', traits({ company: [] }), 'traits.company must be a string'],
    [
      'a day that is none',
      traits({ birthday: '2001-02-29' }),
      'traits.birthday must be a date, YYYY-MM-DD',
    ],
    [
      'a date of another form',
      traits({ birthday: '01.02.2001' }),
      'traits.birthday must be a date, YYYY-MM-DD',
    ],
    [
      'a month that is none',
      traits({ birthday: '2001-13-01' }),
      'traits.birthday must be a date, YYYY-MM-DD',
    ],
    [
      'fields as a list',
      traits({ customFields: ['canary'] }),
      'traits.customFields must be an object',
    ],
    [
      'a field that is no text',
      traits({ customFields: { canary: [1] } }),
      'traits.customFields.* must be a string',
    ],
    [
      'a field without name',
      traits({ customFields: { ' ': 'x' } }),
      'traits.customFields.* must not be empty',
    ],
    [
      'a long value',
      traits({ customFields: { canary: 'x'.repeat(2049) } }),
      'traits.customFields.* must have at most 2048 characters',
    ],
    [
      'too many fields',
      traits({ customFields: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, ''])) }),
      'traits.customFields must have at most 100 entries',
    ],
    ['tags as an object', traits({ tags: { canary: 1 } }), 'traits.tags must be an array'],
    ['a tag that is no text', traits({ tags: ['a', {}] }), 'traits.tags.1 must be a string'],
    [
      'too many tags',
      { ...track(), removeTags: Array.from({ length: 101 }, (_, at) => `tag ${at}`) },
      'removeTags must have at most 100 entries',
    ],
    ['a track of nothing', { ...track(), addTags: [] }, 'a track needs addTags or removeTags'],
    ['traits in a track', { ...track(), traits: {} }, 'a key is unknown'],
    [
      'an endless signature',
      { ...base, signature: 'x'.repeat(257) },
      'signature must have at most 256 characters',
    ],
    [
      'more than 8 KiB',
      traits({
        customFields: Object.fromEntries(
          Array.from({ length: 5 }, (_, n) => [n, 'x'.repeat(2000)]),
        ),
      }),
      'it has more than 8192 bytes',
    ],
    [
      'more than 8 KiB in UTF-8',
      traits({ customFields: { a: 'é'.repeat(2000), b: 'é'.repeat(2000), c: 'é'.repeat(200) } }),
      'it has more than 8192 bytes',
    ],
    [
      'a nested __proto__',
      traits(JSON.parse('{"customFields":{"__proto__":"x"}}')),
      'a key is not allowed',
    ],
    [
      'a nested constructor',
      traits({ customFields: { constructor: 'x' } }),
      'a key is not allowed',
    ],
    ['a nested prototype', traits({ customFields: { prototype: 'x' } }), 'a key is not allowed'],
    [
      'a field of nothing that can be seen',
      traits({ customFields: { '\u200b\u3164': 'x' } }),
      'traits.customFields.* must not be empty',
    ],
    [
      // U+FDFA is 18 characters in NFKC.
      'a tag that is too long once it is clean',
      { ...track(), addTags: [`viewed-${'\ufdfa'.repeat(13)}`, `viewed-${'\ufdfa'.repeat(14)}`] },
      'addTags.1 must have at most 255 characters',
    ],
    [
      'a field whose name is too long once it is clean',
      traits({ customFields: { ['\ufdfa'.repeat(15)]: 'x' } }),
      'traits.customFields.* must have at most 255 characters',
    ],
    [
      'more than 8 KiB once it is clean',
      { ...track(), addTags: Array.from({ length: 20 }, (_, n) => `${n}${'\ufdfa'.repeat(14)}`) },
      'it has more than 8192 bytes',
    ],
    [
      // U+1F101 is DIGIT ZERO COMMA.
      'a tag that has a comma once it is clean',
      { ...track(), addTags: ['viewed-\u{1f101}paid'] },
      'addTags.0 must not have a comma',
    ],
    [
      'a depth without end',
      { ...base, traits: JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) },
      'it is nested too deeply',
    ],
  ])('with %s is refused alone, by a rule and no value', (_, message, reason) => {
    const good = track();
    const entries = entriesOf(envelope([good, message, good]));
    const id = typeof message === 'object' && message !== null ? message.id : '';
    expect(entries[1]).toEqual({ id, code: 'invalid', reason });
    expect(entries[0]).toEqual({ id: good.id, message: good });
    expect(entries[2]).toEqual({ id: good.id, message: good });
    expect(reason).not.toContain('canary');
  });

  test.each([
    '__pro\u200bto__',
    '\uff3f\uff3fproto__',
    ' constructor ',
    'constr\u200buctor',
    'constructo\u0000r',
    `constructor${' '.repeat(300)}`,
    '\u0001prototype',
  ])('with a field that becomes a forbidden name, as %j, is refused', (name) => {
    const refused = { code: 'invalid', reason: 'a key is not allowed' };
    expect(entryOf(traits({ customFields: { [name]: 'x' } }))).toMatchObject(refused);
    const call = { 0: 'identify', 1: { email: base.email, customFields: { [name]: 'x' } } };
    expect(entriesOf({ v: 1, calls: [[base.id, 1, call]] })).toMatchObject([refused]);
  });

  test.each([undefined, 7, '', 'UPPER', 'x'.repeat(65), 'a b', 'é', '../x', null])(
    'with the id %j is answered under the empty id, at its place',
    (id) => {
      const entries = entriesOf(envelope([track(), { ...base, id }, track()]));
      expect(entries[1]).toMatchObject({ id: '', code: 'invalid' });
    },
  );

  test.each([
    [0, 8.64e15],
    [8.64e15, 0],
  ])('of the time %d in an envelope of the time %d is kept: clocks are wrong', (at, sentAt) => {
    const message = { ...base, at };
    const body = { ...envelope([message]), sentAt };
    expect(entriesOf(body)).toEqual([{ id: base.id, message }]);
  });

  test('reads values as the page meant them', () => {
    const message = traits({
      firstName: ' Jane ',
      lastName: null,
      company: '',
      birthday: '2001-02-01T00:00:00.000Z',
      customFields: { ' Age ': 29, Paid: true, None: null },
      tags: 'a, b,a,',
    });
    expect(entryOf(message)).toHaveProperty('message.traits', {
      firstName: 'Jane',
      birthday: '2001-02-01',
      customFields: { Age: '29', Paid: 'true' },
      tags: ['a', 'b'],
    });
    expect(entryOf({ ...track(), addTags: [' a ', 7, 'a'], removeTags: ' ' })).toHaveProperty(
      'message.addTags',
      ['a', '7'],
    );
  });

  test('cleans names, and leaves what is said under them as it is', () => {
    const message = traits({
      firstName: 'Zoe\u200b\u0308',
      customFields: { 'Cafe\u200b\u0301': 'cafe\u200b\u0301' },
      tags: ['cafe\u200b\u0301', '\uff56iewed\u00a0 x'],
    });
    expect(entryOf(message)).toHaveProperty('message.traits', {
      firstName: 'Zoe\u200b\u0308',
      customFields: { 'Caf\u00e9': 'cafe\u200b\u0301' },
      tags: ['caf\u00e9', 'viewed x'],
    });
  });

  test.each([
    ['one text', 'viewed-x, paid,,a'],
    ['an entry of a list', ['viewed-x, paid', ',', 'a']],
    ['a text of East Asia', 'viewed-x\uff0cpaid\ufe50a'],
    ['a list that the page encoded twice', '["viewed-x,paid","a"]'],
  ])('reads a comma in %s as the end of a tag', (_, tags) => {
    const wanted = ['viewed-x', 'paid', 'a'];
    expect(entryOf(traits({ tags }))).toHaveProperty('message.traits.tags', wanted);
    expect(entryOf({ ...track(), addTags: tags })).toHaveProperty('message.addTags', wanted);
  });

  test('keeps what a page cut in half, without what no database stores', () => {
    const message = traits({
      firstName: 'a\u0000b\ud83d',
      customFields: { 'k\udc00': 'v\ud83d\ude00' },
    });
    expect(entryOf(message)).toHaveProperty('message.traits', {
      firstName: 'ab\ufffd',
      customFields: { 'k\ufffd': 'v\ud83d\ude00' },
    });
  });
});

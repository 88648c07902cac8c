import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/protocol.ts';
import {
  createTestApp,
  identify,
  recordingOutbox,
  SECRET,
  settingsOf,
  type TestParts,
  track,
} from './fixture.ts';

const hmac = (secret: string, email: string) =>
  createHmac('sha256', secret).update(email).digest('hex');
const right = hmac(SECRET, 'jane@example.com');

const SIGNATURES = {
  unsigned: undefined,
  signed: right,
  'by the secret before': hmac('the-secret-before-this', 'jane@example.com'),
  'by another secret': hmac('not-a-secret-of-ours', 'jane@example.com'),
  truncated: right.slice(0, 40),
  'that of another contact': hmac(SECRET, 'joe@example.com'),
};

const MESSAGES = {
  identify: identify(),
  newEmail: identify({ traits: { newEmail: 'jane@example.org' } }),
  increment: identify({ traits: { customFields: { Points: '++5' } } }),
  decrement: identify({ traits: { customFields: { Points: ' --5' } } }),
  'allowed tag': track({ addTags: ['newsletter'] }),
  'removal of an allowed tag': track({ addTags: [], removeTags: ['viewed-pricing'] }),
  'protected tag': track({ addTags: ['plan-gold'] }),
  'removal of a protected tag': track({ addTags: [], removeTags: ['plan-gold'] }),
  'protected tag at identify': identify({ traits: { tags: ['plan-gold'] } }),
  'tag off the list': track({ addTags: ['paid user'] }),
  'field off the list': identify({ traits: { customFields: { Role: 'admin' } } }),
};

const ENV = {
  IDENTITY_SECRETS: `${SECRET},the-secret-before-this`,
  PROTECTED_TAGS: 'plan-*',
  ALLOWED_FIELDS: 'Points,utm_*',
};

async function answered(message: Message, signature: string | undefined, env = {}) {
  const { results } = await createTestApp({
    env: { ...ENV, ...env },
    outbox: recordingOutbox(),
  });
  const [result] = await results([signature === undefined ? message : { ...message, signature }]);
  return result;
}

async function judged(...about: Parameters<typeof answered>): Promise<string> {
  const result = await answered(...about);
  return result?.status === 'refused' ? result.code : (result?.status ?? 'no result');
}

const guide = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Its table: rows by the names of messages, each with `accepted` or a code for each signature. */
const [columns = [], ...rows] = (/^\| \| unsigned .*\n(?:\|.*\n)*/m.exec(guide)?.[0] ?? '')
  .split('\n')
  .filter((line) => /^\| *[^-]/.test(line))
  .map((line) => line.split('|').slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()))
  .flatMap(([kinds = '', ...codes]) => kinds.split(', ').map((kind) => [kind, ...codes]));

describe('impersonation', () => {
  test('is shown in README.md for every message and every signature', () => {
    expect(columns.slice(1)).toEqual(Object.keys(SIGNATURES));
    expect(rows.map(([kind]) => kind)).toEqual(Object.keys(MESSAGES));
  });

  const cells = rows.flatMap(([kind = '', ...codes]) =>
    codes.map((code, index) => [kind, columns[index + 1] ?? '', code] as const),
  );

  test.each(cells)('%s, %s: %s', async (kind, signature, expected) => {
    const message = MESSAGES[kind as keyof typeof MESSAGES];
    const said = await judged(message, SIGNATURES[signature as keyof typeof SIGNATURES]);
    expect(said).toBe(expected);
  });

  test('is judged under the settings that README.md names', () => {
    const settings = settingsOf(ENV);
    const { allowedTags, protectedTags, allowedFields } = settings;
    expect(guide).toContain(`\`ALLOWED_TAGS=${allowedTags.join(',')}\``);
    expect(guide).toContain(`\`PROTECTED_TAGS=${protectedTags.join(',')}\``);
    expect(guide).toContain(`\`ALLOWED_FIELDS=${allowedFields.join(',')}\``);
    expect(settings.identitySecrets).toHaveLength(2);
  });
});

describe('doors', () => {
  test.each([
    ['newEmail', {}, 'signature_required'],
    ['newEmail', { UNSIGNED_RENAME: 'true' }, 'accepted'],
    ['newEmail', { UNSIGNED_INCREMENTS: 'true' }, 'signature_required'],
    ['increment', { UNSIGNED_INCREMENTS: 'true' }, 'accepted'],
    ['increment', { UNSIGNED_RENAME: 'true' }, 'signature_required'],
    [
      'protected tag',
      { UNSIGNED_RENAME: 'true', UNSIGNED_INCREMENTS: 'true' },
      'signature_required',
    ],
    ['protected tag', { ALLOWED_TAGS: '*' }, 'signature_required'],
    ['tag off the list', { ALLOWED_TAGS: '*' }, 'accepted'],
    ['field off the list', { ALLOWED_FIELDS: '*' }, 'accepted'],
    ['increment', { ALLOWED_FIELDS: 'none', UNSIGNED_INCREMENTS: 'true' }, 'field_not_allowed'],
    ['identify', { REQUIRE_SIGNATURE: 'true' }, 'signature_required'],
    ['allowed tag', { REQUIRE_SIGNATURE: 'true' }, 'signature_required'],
  ] as const)('an unsigned %s under %j is %s', async (kind, env, expected) => {
    expect(await judged(MESSAGES[kind], undefined, env)).toBe(expected);
  });

  test.each([
    ['an accent behind what cannot be seen', ['cafe\u200b\u0301']],
    ['another form of the letters', ['\uff50lan-gold']],
    ['a neighbour and a comma', ['viewed-x,plan-gold']],
    ['a neighbour and a wide comma', ['viewed-x\uff0cplan-gold']],
  ])('a protected tag behind %s needs a signature', async (_, addTags) => {
    const env = { ALLOWED_TAGS: '*', PROTECTED_TAGS: 'plan-*,caf\u00e9' };
    expect(await judged(track({ addTags }), undefined, env)).toBe('signature_required');
    expect(await judged(track({ addTags: ['viewed-x,a'] }), undefined, env)).toBe('accepted');
  });

  test.each(['\u200b++5', '\uff0b\uff0b5', '++\u0665', '+\u0000+5', '++ - 5'])(
    'an increment that looks like %j needs a signature',
    async (Points) => {
      const message = identify({ traits: { customFields: { Points } } });
      expect(await judged(message, undefined)).toBe('signature_required');
    },
  );

  test('every door open lets no wrong signature in', async () => {
    const env = { UNSIGNED_RENAME: 'true', UNSIGNED_INCREMENTS: 'true', ALLOWED_TAGS: '*' };
    for (const message of Object.values(MESSAGES)) {
      expect(await judged(message, SIGNATURES['by another secret'], env)).toBe('signature_wrong');
    }
  });
});

describe('a refusal', () => {
  test.each([
    ['identify', 'truncated', {}, 'the signature is not that of this e-mail address'],
    ['identify', 'unsigned', { REQUIRE_SIGNATURE: 'true' }, 'every message needs a signature'],
    ['newEmail', 'unsigned', {}, 'newEmail needs a signature'],
    ['increment', 'unsigned', {}, 'an increment needs a signature'],
    ['protected tag', 'unsigned', {}, 'the tag “plan-gold” needs a signature'],
    ['tag off the list', 'signed', {}, 'the tag “paid user” is not in ALLOWED_TAGS'],
    ['field off the list', 'signed', {}, 'the custom field “Role” is not in ALLOWED_FIELDS'],
  ] as const)('of %s, %s, under %j says why', async (kind, signature, env, reason) => {
    const result = await answered(MESSAGES[kind], SIGNATURES[signature], env);
    expect(result).toHaveProperty('message', `The message was dropped: ${reason}.`);
  });
});

describe('what is stored', () => {
  async function stored(message: Message, parts: TestParts['env'] = {}): Promise<Message> {
    const outbox = recordingOutbox();
    const { results } = await createTestApp({ env: { ...ENV, ...parts }, outbox });
    await results([message]);
    const [kept] = outbox.kept;
    if (!kept) throw new Error('nothing was stored');
    return kept;
  }

  test('holds no signature', async () => {
    expect(await stored(identify({ signature: right }))).not.toHaveProperty('signature');
    expect(await stored(track({ signature: right }))).not.toHaveProperty('signature');
  });

  test('is all that an unsigned visitor may say, and nothing beside', async () => {
    const traits = { firstName: 'Jane', company: 'Acme', tags: ['newsletter'] };
    const whole = identify({ traits: { ...traits, customFields: { utm_source: 'x' } } });
    expect(await stored(whole)).toStrictEqual(whole);
    const plain = identify({ traits: { firstName: 'Jane' } });
    expect(await stored(plain)).toStrictEqual(plain);
    const both = track({ addTags: ['newsletter'], removeTags: ['viewed-pricing'] });
    expect(await stored(both)).toStrictEqual(both);
    const { removeTags: _, ...adding } = both;
    expect(await stored(adding)).toStrictEqual(adding);
    const { addTags: __, ...removing } = both;
    expect(await stored(removing)).toStrictEqual(removing);
  });

  test('spells tags as the operator does, each once', async () => {
    const message = track({ addTags: ['NEWSLETTER', ' news\u200bletter', 'viewed-A'] });
    expect(await stored(message)).toHaveProperty('addTags', ['newsletter', 'viewed-A']);
  });

  test('spells custom fields as the operator does', async () => {
    const message = identify({ traits: { customFields: { points: '5', utm_Source: 'x' } } });
    expect(await stored(message)).toHaveProperty('traits.customFields', {
      Points: '5',
      utm_Source: 'x',
    });
  });

  test('drops a newEmail that renames nothing, and asks no signature for it', async () => {
    const message = identify({ traits: { newEmail: 'JANE@example.com' } });
    expect(await stored(message)).toHaveProperty('traits', {});
  });

  test('names e-mails in lower case and trimmed', async () => {
    const kept = await stored(
      identify({
        email: ' Jane@Example.com',
        traits: { newEmail: 'X@Example.com ' },
        signature: right,
      }),
    );
    expect(kept).toMatchObject({
      email: 'jane@example.com',
      traits: { newEmail: 'x@example.com' },
    });
  });
});

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/protocol.ts';
import {
  createTestApp,
  identify,
  recordingOutbox,
  SECRET,
  type TestParts,
  track,
} from './fixture.ts';

const hmac = (secret: string, email: string) =>
  createHmac('sha256', secret).update(email).digest('hex');
const right = hmac(SECRET, 'jane@example.com');

const SIGNATURES = {
  unsigned: undefined,
  signed: right,
  rotated: hmac('the-secret-before-this', 'jane@example.com'),
  wrong: hmac('not-a-secret-of-ours', 'jane@example.com'),
  truncated: right.slice(0, 40),
  "other contact's": hmac(SECRET, 'joe@example.com'),
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

async function judged(message: Message, signature: string | undefined, env = {}): Promise<string> {
  const { results } = await createTestApp({
    env: { ...ENV, ...env },
    outbox: recordingOutbox(),
  });
  const [result] = await results([signature === undefined ? message : { ...message, signature }]);
  return result?.status === 'refused' ? result.code : (result?.status ?? 'no result');
}

/** Columns as in {@link SIGNATURES}; `wrong` stands for signature_wrong, `required` likewise. */
const MATRIX: Record<keyof typeof MESSAGES, readonly string[]> = {
  identify: ['accepted', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  newEmail: ['required', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  increment: ['required', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  decrement: ['required', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  'allowed tag': ['accepted', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  'removal of an allowed tag': ['accepted', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  'protected tag': ['required', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  'removal of a protected tag': ['required', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  'protected tag at identify': ['required', 'accepted', 'accepted', 'wrong', 'wrong', 'wrong'],
  'tag off the list': ['tag', 'tag', 'tag', 'wrong', 'wrong', 'wrong'],
  'field off the list': ['field', 'field', 'field', 'wrong', 'wrong', 'wrong'],
};

const CODES: Record<string, string> = {
  required: 'signature_required',
  wrong: 'signature_wrong',
  tag: 'tag_not_allowed',
  field: 'field_not_allowed',
};

describe('impersonation', () => {
  const rows = Object.entries(MATRIX).flatMap(([kind, row]) =>
    Object.keys(SIGNATURES).map(
      (signature, column) => [kind, signature, row[column] ?? ''] as const,
    ),
  );

  test.each(rows)('%s, %s: %s', async (kind, signature, expected) => {
    const message = MESSAGES[kind as keyof typeof MESSAGES];
    const said = await judged(message, SIGNATURES[signature as keyof typeof SIGNATURES]);
    expect(said).toBe(CODES[expected] ?? expected);
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

  test('every door open lets no wrong signature in', async () => {
    const env = { UNSIGNED_RENAME: 'true', UNSIGNED_INCREMENTS: 'true', ALLOWED_TAGS: '*' };
    for (const message of Object.values(MESSAGES)) {
      expect(await judged(message, SIGNATURES.wrong, env)).toBe('signature_wrong');
    }
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

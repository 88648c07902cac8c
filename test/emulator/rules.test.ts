import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { createRuleBook } from '../../src/emulator/ruleBook.ts';
import { RULES, type Rules } from '../../src/emulator/rules.ts';
import { type Caller, createLegacyCaller, createRestCaller } from './caller.ts';

interface Scene {
  readonly emulator: Emulator;
  readonly legacy: Caller;
  readonly rest: Caller;
}

/** What each choice of a rule looks like from outside, by the same scene. */
interface Row {
  readonly see: (scene: Scene) => Promise<unknown>;
  readonly choices: Readonly<Record<string, unknown>>;
}

const JANE = 'jane@example.com';
const jane = ({ emulator }: Scene) => emulator.contact(JANE);
const fieldsOf = (scene: Scene) => jane(scene)?.customFields;
const emails = ({ emulator }: Scene) => emulator.contacts().map(({ email }) => email);
const drips = ({ emulator }: Scene) => emulator.automations().fired.map(({ on }) => on);

/** Identifies Jane with these bodies in turn; the status of the last. */
async function identify({ rest }: Scene, ...bodies: readonly object[]): Promise<number> {
  let status = 0;
  for (const body of bodies) status = (await rest.identify({ email: JANE, ...body })).status;
  return status;
}

const raw = ({ emulator }: Scene, headers: Record<string, string>, body: string) =>
  emulator.fetch('http://sendx/api/v1/rest/contact/identify', { method: 'POST', headers, body });

const KEY = { 'X-Team-ApiKey': 'emulator-key' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

const ROWS: { readonly [Id in keyof Rules]: Row } = {
  blankValue: {
    see: async (scene) => {
      await identify(
        scene,
        { firstName: 'Jane', customFields: { Age: '29' } },
        { firstName: '', customFields: { Age: null } },
      );
      return [jane(scene)?.firstName, fieldsOf(scene)?.Age];
    },
    choices: { keep: ['Jane', '29'], clear: ['', ''] },
  },
  blankName: {
    see: async (scene) => [
      await identify(scene, { tags: ['', 'a'], customFields: { ' ': 'x' } }),
      jane(scene)?.tags,
    ],
    choices: { ignore: [200, ['a']], reject: [422, undefined] },
  },
  nonStringValue: {
    see: async (scene) => [await identify(scene, { customFields: { Age: 27 } }), fieldsOf(scene)],
    choices: { stringify: [200, { Age: '27' }], reject: [422, undefined] },
  },
  unknownProperty: {
    see: (scene) => identify(scene, { source: 'popup' }),
    choices: { ignore: 200, reject: 422 },
  },
  longValue: {
    see: (scene) => identify(scene, { company: 'x'.repeat(256) }),
    choices: { reject: 422, store: 200 },
  },
  badBirthday: {
    see: async (scene) => [await identify(scene, { birthday: '1989-3-3' }), jane(scene)?.birthday],
    choices: { reject: [422, undefined], ignore: [200, ''], store: [200, '1989-3-3'] },
  },
  emailCase: {
    see: async (scene) => {
      await identify(scene, {}, { email: 'Jane@Example.com' });
      return emails(scene).length;
    },
    choices: { insensitive: 1, sensitive: 2 },
  },
  emailEcho: {
    see: async (scene) => {
      await identify(scene, { email: 'Jane@Example.com' }, {});
      return emails(scene);
    },
    choices: { stored: ['Jane@Example.com'], lower: [JANE] },
  },
  nameCase: {
    see: async (scene) => {
      const first = { tags: ['VIP'], customFields: { Age: '1' } };
      await identify(scene, first, { tags: ['vip'], customFields: { age: '2' } });
      return [jane(scene)?.tags, fieldsOf(scene)];
    },
    choices: {
      sensitive: [['VIP', 'vip'], { Age: '1', age: '2' }],
      insensitive: [['VIP'], { Age: '2' }],
    },
  },
  incrementCreates: {
    see: async (scene) => {
      await identify(scene, { customFields: { Age: '++34' } }, { customFields: { Age: '++1' } });
      return fieldsOf(scene)?.Age;
    },
    choices: { number: '35', string: '++1' },
  },
  incrementDecimals: {
    see: async (scene) => {
      await identify(scene, { customFields: { n: '++1' } }, { customFields: { n: '++0.5' } });
      return fieldsOf(scene)?.n;
    },
    choices: { arithmetic: '1.5', literal: '++0.5' },
  },
  incrementOnText: {
    see: (scene) => identify(scene, { customFields: { n: 'x' } }, { customFields: { n: '++1' } }),
    choices: { literal: 200, reject: 422 },
  },
  decrementAbsent: {
    see: async (scene) => {
      await identify(scene, { customFields: { n: '--10' } });
      return fieldsOf(scene)?.n;
    },
    choices: { positive: '10', negative: '-10' },
  },
  textInNumberField: {
    see: (scene) => identify(scene, { customFields: { n: '++1' } }, { customFields: { n: 'x' } }),
    choices: { store: 200, reject: 422 },
  },
  newEmailTaken: {
    see: async (scene) => {
      await identify(scene, {}, { email: 'joe@example.com' });
      const status = await identify(scene, { newEmail: 'joe@example.com', firstName: 'Jane' });
      return [status, jane(scene)?.firstName];
    },
    choices: { conflict: [409, ''], ignore: [200, 'Jane'] },
  },
  newEmailUnknown: {
    see: async (scene) => [await identify(scene, { newEmail: 'new@example.com' }), emails(scene)],
    choices: {
      'create-new': [200, ['new@example.com']],
      'create-old': [200, [JANE]],
      'not-found': [404, []],
    },
  },
  renameRepeated: {
    see: async (scene) => {
      const rename = { newEmail: 'new@example.com', firstName: 'Jane' };
      return [await identify(scene, {}, rename, rename), emails(scene)];
    },
    choices: {
      conflict: [409, ['new@example.com']],
      update: [200, ['new@example.com']],
    },
  },
  sameTag: {
    see: async (scene) => {
      await identify(scene, { tags: ['a'] });
      await scene.rest.track(JANE, { addTags: ['a'], removeTags: ['a'] });
      return jane(scene)?.tags;
    },
    choices: { 'remove-then-add': ['a'], 'add-then-remove': [] },
  },
  trackUnknown: {
    see: async (scene) => {
      const { status, body } = await scene.legacy.track(JANE, { addTags: ['a'] });
      return [status, body.status, emails(scene)];
    },
    choices: {
      'not-found': [404, 'error', []],
      'error-in-200': [200, 'error', []],
      create: [200, '200', [JANE]],
    },
  },
  emptyTrack: {
    see: async (scene) => {
      await identify(scene, {});
      return (await scene.rest.track(JANE, {})).status;
    },
    choices: { accept: 200, reject: 422 },
  },
  readdFires: {
    see: async (scene) => {
      await identify(scene, { tags: ['user registration'] });
      await scene.rest.track(JANE, { addTags: ['user registration'] });
      return drips(scene);
    },
    choices: { no: ['added'], yes: ['added', 'added'] },
  },
  identifyFires: {
    see: async (scene) => {
      await identify(scene, { tags: ['user registration'] });
      return drips(scene);
    },
    choices: { yes: ['added'], no: [] },
  },
  badEmail: {
    see: (scene) => identify(scene, { email: 'jane' }),
    choices: { '422': 422, '400': 400 },
  },
  badJson: {
    see: async (scene) => (await raw(scene, { ...KEY, ...JSON_TYPE }, '{')).status,
    choices: { '422': 422, '400': 400 },
  },
  missingEmail: {
    see: (scene) => identify(scene, { email: undefined }),
    choices: { '400': 400, '422': 422 },
  },
  contentType: {
    see: async (scene) => {
      const headers = { ...KEY, 'Content-Type': 'text/plain' };
      return (await raw(scene, headers, JSON.stringify({ email: JANE }))).status;
    },
    choices: { 'json-only': 422, any: 200 },
  },
  successStatus: {
    see: async (scene) => {
      const { status, body } = await scene.rest.identify({ email: JANE });
      return [status, body.status];
    },
    choices: { '200': [200, '200'], '201': [201, '201'] },
  },
  restData: {
    see: async (scene) => (await scene.rest.identify({ email: JANE })).body.data,
    choices: { none: undefined, contact: expect.objectContaining({ email: JANE }) },
  },
  errorStatus: {
    see: async (scene) => (await scene.rest.identify({ email: 'jane' })).body.status,
    choices: { word: 'error', code: '422' },
  },
  unauthorisedStatus: {
    see: async (scene) => (await (await raw(scene, JSON_TYPE, '{}')).json()).status,
    choices: { number: 401, word: 'error' },
  },
  retryAfter: {
    see: async (scene) => {
      const limited = createEmulator({
        rateLimit: { perSecond: 1, burst: 1 },
        clock: () => 0,
        rules: Object.fromEntries(scene.emulator.rules().map(({ id, current }) => [id, current])),
      });
      const { identify: call } = createRestCaller(limited);
      await call({ email: JANE });
      return (await call({ email: JANE })).headers.get('Retry-After');
    },
    choices: { absent: null, seconds: '1' },
  },
};

const cases = Object.entries(ROWS).flatMap(([id, { see, choices }]) =>
  Object.entries(choices).map(([choice, expected]) => ({ id, choice, see, expected })),
);

describe('undocumented rules', () => {
  test.each(cases)(
    '$id: $choice can be seen from outside',
    async ({ id, choice, see, expected }) => {
      const emulator = createEmulator();
      emulator.setRules({ [id]: choice });
      const legacy = createLegacyCaller(emulator);
      const rest = createRestCaller(emulator);
      expect(await see({ emulator, legacy, rest })).toEqual(expected);
    },
  );

  test.each(Object.entries(RULES))('%s is shown in all its choices', (id, rule) => {
    const row = ROWS[id as keyof Rules];
    expect(Object.keys(row.choices).toSorted()).toEqual([...rule.choices].toSorted());
    expect(rule.choices).toContain(rule.default);
    expect(rule.doc).toMatch(/\.$/);
  });
});

describe('rule book', () => {
  test('starts from the defaults and from what it is given', () => {
    const book = createRuleBook({ sameTag: 'add-then-remove' });
    const flipped = book.rows().filter(({ current, default: usual }) => current !== usual);
    expect(flipped.map(({ id }) => id)).toEqual(['sameTag']);
  });

  test('flips nothing where one of several choices does not exist', () => {
    const book = createRuleBook();
    const before = book.current();
    expect(book.set({ sameTag: 'add-then-remove', badEmail: 'teapot' })).toContain('422, 400');
    expect(book.set({ sameTag: 'add-then-remove', toString: 'x' })).toContain('"toString"');
    expect(book.current()).toEqual(before);
    expect(() => createRuleBook({ badEmail: 'teapot' as '422' })).toThrow(RangeError);
  });

  test('goes back to what it was given', () => {
    const book = createRuleBook({ badEmail: '400' });
    book.set({ badEmail: '422', badJson: '400' });
    book.reset();
    expect(book.current()).toMatchObject({ badEmail: '400', badJson: '422' });
  });
});

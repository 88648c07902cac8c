import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import type { Automation } from '../../src/emulator/automations.ts';
import { createLegacyCaller, createRestCaller } from './caller.ts';
import { createModel, type IdentifyBody, type WireCall } from './model.ts';

const TAGS = ['a', 'b', 'c'];
const NUMBERS = ['n', 'm'];

// An automation for every change there can be: the firings are then the tag events.
const WATCH: Automation[] = TAGS.flatMap((tag) =>
  (['added', 'removed'] as const).map((on) => ({ name: `${on} ${tag}`, on, tag, actions: [] })),
);

const email = fc.constantFrom('x@example.com', 'X@Example.com', 'y@example.com', 'z@example.com');
const tags = fc.array(fc.constantFrom(...TAGS), { maxLength: 4 });
const amount = fc.integer({ min: 0, max: 500 }).map((units) => String(units / 100));
const increment = fc.tuple(fc.constantFrom('++', '--'), amount).map((parts) => parts.join(''));
const customFields = fc.dictionary(
  fc.constantFrom(...NUMBERS, 's', '__proto__', 'constructor'),
  fc.oneof(increment, amount),
  { noNullPrototype: true },
);
const identifyBody: fc.Arbitrary<IdentifyBody> = fc.record(
  { email, newEmail: email, firstName: fc.constantFrom('Jane', 'Joe'), tags, customFields },
  { requiredKeys: ['email'] },
);
const call: fc.Arbitrary<WireCall> = fc.oneof(
  fc.record({ type: fc.constant('identify' as const), body: identifyBody }),
  fc.record({
    type: fc.constant('track' as const),
    email,
    body: fc.record({ addTags: tags, removeTags: tags }, { requiredKeys: [] }),
  }),
);

function setup() {
  const emulator = createEmulator({ automations: WATCH });
  const callers = [createLegacyCaller(emulator), createRestCaller(emulator)] as const;
  return { emulator, callers };
}

const own = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields));

describe('merge', () => {
  test('equals an independent model over random histories on both surfaces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(call, fc.boolean()), { maxLength: 30 }),
        async (history) => {
          const { emulator, callers } = setup();
          const model = createModel();

          for (const [sent, legacy] of history) {
            const caller = callers[legacy ? 0 : 1];
            const { status } =
              sent.type === 'identify'
                ? await caller.identify(sent.body)
                : await caller.track(sent.email, sent.body);
            expect(status).toBe(model.apply(sent));
          }

          const seen = emulator.contacts().map((contact) => ({
            email: contact.email,
            firstName: contact.firstName,
            tags: new Set(contact.tags),
            fields: own(contact.customFields),
          }));
          const believed = model.people.map((person) => ({
            email: person.email,
            firstName: person.firstName,
            tags: person.tags,
            fields: new Map(
              [...person.fields].map(([name, value]) => [
                name,
                typeof value === 'number' ? String(value / 100) : value,
              ]),
            ),
          }));
          expect(seen).toEqual(believed);

          const fired = emulator
            .automations()
            .fired.map(
              (firing) => `${firing.email} ${firing.on === 'added' ? '+' : '-'}${firing.tag}`,
            );
          expect(fired).toEqual(model.events);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('identify removes nothing and keeps the id', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(identifyBody, { minLength: 1, maxLength: 15 }), async (bodies) => {
        const { emulator, callers } = setup();
        for (const body of bodies) {
          const before = emulator.contacts();
          await callers[0].identify(body);
          const after = new Map(emulator.contacts().map((now) => [now.encryptedId, now]));
          for (const old of before) {
            const now = after.get(old.encryptedId);
            expect(now?.tags).toEqual(expect.arrayContaining([...old.tags]));
            expect(Object.keys(now?.customFields ?? {})).toEqual(
              expect.arrayContaining(Object.keys(old.customFields)),
            );
            if (old.firstName) expect(now?.firstName).toBeTruthy();
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('tags are a set: none twice, and the same call again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tags, { maxLength: 6 }), tags, tags, async (sent, add, remove) => {
        const { emulator, callers } = setup();
        const [{ identify, track }] = callers;
        await identify({ email: 'x@example.com' });
        for (const some of sent) await identify({ email: 'x@example.com', tags: some });
        const only = remove.filter((tag) => !add.includes(tag));
        await track('x@example.com', { addTags: add, removeTags: only });

        const once = emulator.contact('x@example.com')?.tags ?? [];
        const runs = emulator.automations().fired.length;
        expect(new Set(once).size).toBe(once.length);

        await track('x@example.com', { addTags: add, removeTags: only });
        expect(emulator.contact('x@example.com')?.tags).toEqual(once);
        expect(emulator.automations().fired).toHaveLength(runs);
      }),
      { numRuns: 100 },
    );
  });

  test('increments sum exactly, decimals too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1 }),
        async (steps) => {
          const { emulator, callers } = setup();
          for (const step of steps) {
            await callers[1].identify({
              email: 'x@example.com',
              customFields: { spent: `++${(step / 100).toFixed(2)}` },
            });
          }
          const total = steps.reduce((sum, step) => sum + step, 0);
          expect(emulator.contact('x@example.com')?.customFields.spent).toBe(String(total / 100));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a refused call leaves the contact as it was, fields included', async () => {
    const { emulator, callers } = setup();
    const [{ identify }] = callers;
    await identify({ email: 'x@example.com', tags: ['a'], customFields: { n: '++1' } });
    await identify({ email: 'y@example.com' });
    const before = emulator.contacts();

    const clash = { email: 'x@example.com', newEmail: 'y@example.com' };
    const refusals = [
      await identify({ ...clash, firstName: 'Jane', tags: ['b'], customFields: { n: '++1' } }),
      await identify({ email: 'x@example.com', firstName: 'Jane', birthday: 'yesterday' }),
      await identify({ email: 'x@example.com', firstName: 'Jane', customFields: { f: {} } }),
    ];

    expect(refusals.map(({ status }) => status)).toEqual([409, 422, 422]);
    expect(refusals[0]?.body).toEqual({ status: 'error', message: 'Email already exists' });
    expect(emulator.contacts()).toEqual(before);
  });

  test('removes come before adds, so a tag in both lists starts its automation again', async () => {
    const { emulator, callers } = setup();
    const [{ identify, track }] = callers;
    await identify({ email: 'x@example.com', tags: ['a', 'b'] });
    await track('x@example.com', { addTags: ['a'], removeTags: ['a'] });

    expect(emulator.contact('x@example.com')?.tags).toEqual(['b', 'a']);
    const fired = emulator.automations().fired.map(({ on, tag }) => `${on} ${tag}`);
    expect(fired).toEqual(['added a', 'added b', 'removed a', 'added a']);
  });

  test('a text field keeps what is sent, even an increment', async () => {
    const { emulator, callers } = setup();
    const [{ identify }] = callers;
    await identify({ email: 'x@example.com', customFields: { Age: '29' } });
    await identify({ email: 'x@example.com', customFields: { Age: '++1' } });
    expect(emulator.contact('x@example.com')?.customFields.Age).toBe('++1');
  });

  test('a field is the whole team’s: its type holds for every contact', async () => {
    const emulator = createEmulator({ fields: { Age: 'number' } });
    const { identify } = createRestCaller(emulator);
    await identify({ email: 'x@example.com', customFields: { Age: '29' } });
    await identify({ email: 'x@example.com', customFields: { Age: '++1' } });
    await identify({ email: 'y@example.com', customFields: { Age: '++34' } });
    expect(emulator.contacts().map(({ customFields }) => customFields.Age)).toEqual(['30', '34']);
  });
});

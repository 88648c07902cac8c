import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import { createRestCaller } from './caller.ts';

function setup() {
  const emulator = createEmulator();
  const ask = (method: string, path: string, body?: unknown, headers?: HeadersInit) =>
    emulator.fetch(`http://sendx/_emulator/${path}`, {
      method,
      ...(headers && { headers }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { emulator, ask, ...createRestCaller(emulator) };
}

describe('reading', () => {
  test('tells contacts, journal, automations, rules and faults as the emulator does', async () => {
    const { emulator, ask, identify } = setup();
    await identify({ email: 'jane@example.com', tags: ['user registration'] });
    emulator.addFault({ kind: 'cut', path: '/track' });

    const told = async (path: string) => (await ask('GET', path)).json();
    expect(await told('contacts')).toEqual(emulator.contacts());
    expect(await told('journal')).toEqual(emulator.journal());
    expect(await told('automations')).toEqual(emulator.automations());
    expect(await told('rules')).toEqual(emulator.rules());
    expect(await told('faults')).toEqual(emulator.faults());
    expect(emulator.contacts()).toHaveLength(1);
  });
});

describe('rules', () => {
  test('are flipped', async () => {
    const { ask, identify } = setup();
    const response = await ask('POST', 'rules', { badEmail: '400' });
    expect(response.status).toBe(200);
    expect(await response.json()).toContainEqual(
      expect.objectContaining({ id: 'badEmail', current: '400', default: '422' }),
    );
    expect((await identify({ email: 'jane' })).status).toBe(400);
  });

  test.each([[{ badEmail: 'teapot' }], [{ nothing: '1' }], [null], ['text'], [undefined]])(
    'refuse %j and change nothing',
    async (changes) => {
      const { emulator, ask } = setup();
      const before = emulator.rules();
      const response = await ask('POST', 'rules', changes);
      expect(response.status).toBe(422);
      expect(await response.json()).toEqual({
        error: expect.stringContaining('nothing was changed'),
      });
      expect(emulator.rules()).toEqual(before);
    },
  );
});

describe('faults', () => {
  test('are added and cleared', async () => {
    const { emulator, ask, identify } = setup();
    const fault = { kind: 'status', status: 503, times: 5, retryAfter: 1 };
    const response = await ask('POST', 'faults', fault);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: 1, fault, hits: 0 });
    expect((await identify({ email: 'jane@example.com' })).status).toBe(503);
    expect((await ask('DELETE', 'faults')).status).toBe(204);
    expect(emulator.faults()).toEqual([]);
  });

  test.each([
    [undefined, 'is an object'],
    [[], 'is an object'],
    [{}, '"kind"'],
    [{ kind: 'flood' }, '"kind" must be one of status, malformed'],
    [{ kind: 'status' }, '"status"'],
    [{ kind: 'status', status: 199 }, '"status" must be a whole number from 200 to 599'],
    [{ kind: 'status', status: 503.5 }, '"status"'],
    [{ kind: 'delay' }, '"delayMs"'],
    [{ kind: 'cut', times: 0 }, '"times"'],
    [{ kind: 'cut', forMs: -1 }, '"forMs"'],
    [{ kind: 'cut', applies: 'yes' }, '"applies"'],
    [{ kind: 'cut', email: 5 }, '"email"'],
    [{ kind: 'cut', toString: 5 }, 'no "toString"'],
  ])('refuse %j', async (fault, reason) => {
    const { emulator, ask } = setup();
    const response = await ask('POST', 'faults', fault);
    expect(response.status).toBe(422);
    expect((await response.json()).error).toContain(reason);
    expect(emulator.faults()).toEqual([]);
  });
});

describe('reset', () => {
  test('brings everything back to the start', async () => {
    const { emulator, ask, identify } = setup();
    const before = [emulator.rules(), emulator.automations()];
    await identify({
      email: 'jane@example.com',
      tags: ['Account Upgrade'],
      customFields: { n: 'x' },
    });
    emulator.setRules({ badEmail: '400' });
    emulator.addFault({ kind: 'cut' });

    expect((await ask('POST', 'reset')).status).toBe(204);

    expect(emulator.contacts()).toEqual([]);
    expect(emulator.journal()).toEqual([]);
    expect(emulator.faults()).toEqual([]);
    expect([emulator.rules(), emulator.automations()]).toEqual(before);

    await identify({ email: 'jane@example.com', customFields: { n: '++1' } });
    await identify({ email: 'jane@example.com', customFields: { n: '++1' } });
    expect(emulator.contact('jane@example.com')?.customFields).toEqual({ n: '2' });
  });
});

test.each([
  ['POST', 'reset'],
  ['POST', 'rules'],
  ['POST', 'faults'],
  ['DELETE', 'faults'],
])('a page of another site cannot %s %s', async (method, path) => {
  const { emulator, ask, identify } = setup();
  await identify({ email: 'jane@example.com' });
  const response = await ask(method, path, { kind: 'cut' }, { 'Sec-Fetch-Site': 'cross-site' });
  expect(response.status).toBe(403);
  expect(emulator.contacts()).toHaveLength(1);
  expect(emulator.faults()).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import { createRestCaller } from './caller.ts';

describe('automations', () => {
  test('the three examples of the documents run for the tags that they name', async () => {
    const emulator = createEmulator({ clock: () => 1_000 });
    const { identify, track } = createRestCaller(emulator);
    await identify({ email: 'jane@example.com', tags: ['user registration', 'trial user'] });
    await track('jane@example.com', { addTags: ['Account Upgrade'], removeTags: ['trial user'] });

    const jane = emulator.contact('jane@example.com');
    expect(emulator.automations().fired).toMatchObject([
      { seq: 1, at: 1_000, automation: 'Onboarding', on: 'added', email: 'jane@example.com' },
      { seq: 2, automation: 'Upsell after trial', on: 'removed', tag: 'trial user' },
      { seq: 3, automation: 'Account expansion', encryptedId: jane?.encryptedId },
    ]);
    expect(emulator.listsOf(jane?.encryptedId ?? '')).toEqual(['Paid users']);
  });

  test('a call that changes no tag runs nothing', async () => {
    const emulator = createEmulator();
    const { identify, track } = createRestCaller(emulator);
    await identify({ email: 'jane@example.com', tags: ['user registration'] });
    const before = emulator.automations().fired;

    await identify({ email: 'jane@example.com', tags: ['user registration'] });
    await track('jane@example.com', { addTags: ['user registration'], removeTags: ['trial user'] });
    await track('nobody@example.com', { addTags: ['Account Upgrade'] });

    expect(emulator.automations().fired).toEqual(before);
  });

  test('lists come from automations and from identify, and can be left', async () => {
    const emulator = createEmulator({
      automations: [
        { name: 'in', on: 'added', tag: 'a', actions: [{ do: 'add-to-list', name: 'A' }] },
        { name: 'out', on: 'removed', tag: 'a', actions: [{ do: 'remove-from-list', name: 'A' }] },
      ],
    });
    const { identify, track } = createRestCaller(emulator);
    const lists = () => {
      const [contact] = emulator.contacts();
      return emulator.listsOf(contact?.encryptedId ?? '');
    };

    await identify({ email: 'jane@example.com', tags: ['a'], lists: ['News'] });
    expect(lists()).toEqual(['News', 'A']);
    await track('jane@example.com', { removeTags: ['a'] });
    expect(lists()).toEqual(['News']);
  });

  test('keeps the newest firings up to the limit', async () => {
    const emulator = createEmulator({ limit: 2 });
    const { identify } = createRestCaller(emulator);
    for (const name of ['a', 'b', 'c']) {
      await identify({ email: `${name}@example.com`, tags: ['user registration'] });
    }
    expect(emulator.automations().fired.map(({ seq }) => seq)).toEqual([2, 3]);
  });
});

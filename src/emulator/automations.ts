import type { Change } from './contacts.ts';
import type { Rules } from './rules.ts';

/** What an automation does. */
export interface Action {
  readonly do: 'start-drip' | 'stop-drip' | 'add-to-list' | 'remove-from-list';
  /** The drip's or list's name. */
  readonly name: string;
}

/** A rule of the team's: when a tag comes or goes, these actions run. */
export interface Automation {
  readonly name: string;
  readonly on: 'added' | 'removed';
  readonly tag: string;
  readonly actions: readonly Action[];
}

/** One run of one automation. */
export interface Firing {
  /** Counts from 1 and goes on across resets. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly automation: string;
  readonly on: Automation['on'];
  readonly tag: string;
  readonly actions: readonly Action[];
  readonly encryptedId: string;
  /** The contact's address at the time. */
  readonly email: string;
}

/** The team's automations and what they did. */
export interface AutomationRunner {
  /** Runs what a change sets off; the firings of this call alone, in order. */
  run(source: 'identify' | 'track', change: Change): readonly Firing[];
  /** The rules. */
  readonly rules: readonly Automation[];
  /** Oldest first; the oldest leave beyond the limit. */
  fired(): readonly Firing[];
  /** Names of the lists that a contact is on. */
  listsOf(encryptedId: string): readonly string[];
  /** Forgets firings and lists. */
  clear(): void;
}

/** What {@link createAutomations} needs. */
export interface AutomationsOptions {
  /** @defaultValue {@link DEMO_AUTOMATIONS} */
  readonly automations?: readonly Automation[];
  /** The rules in force, read at every change. */
  readonly rules: () => Rules;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Firings kept. */
  readonly limit: number;
  /** Told of each firing. */
  readonly onFiring?: (firing: Firing) => void;
}

/** The three examples that SendX's own README gives of automations on tags, and one of a sign-up. */
export const DEMO_AUTOMATIONS: readonly Automation[] = [
  {
    name: 'Onboarding',
    on: 'added',
    tag: 'user registration',
    actions: [{ do: 'start-drip', name: 'Onboarding' }],
  },
  {
    name: 'Account expansion',
    on: 'added',
    tag: 'Account Upgrade',
    actions: [
      { do: 'add-to-list', name: 'Paid users' },
      { do: 'start-drip', name: 'Account expansion' },
    ],
  },
  {
    name: 'Upsell after trial',
    on: 'removed',
    tag: 'trial user',
    actions: [{ do: 'start-drip', name: 'Trial completed' }],
  },
  {
    name: 'Welcome',
    on: 'added',
    tag: 'newsletter',
    actions: [{ do: 'start-drip', name: 'Welcome' }],
  },
];

/** Sets automations up; nothing has fired. */
export function createAutomations(options: AutomationsOptions): AutomationRunner {
  const { automations = DEMO_AUTOMATIONS, rules, clock, limit, onFiring } = options;
  const lists = new Map<string, Set<string>>();
  let firings: Firing[] = [];
  let seq = 0;

  function listsFor(encryptedId: string): Set<string> {
    const known = lists.get(encryptedId) ?? new Set();
    lists.set(encryptedId, known);
    return known;
  }

  function act({ do: action, name }: Action, encryptedId: string): void {
    if (action === 'add-to-list') listsFor(encryptedId).add(name);
    if (action === 'remove-from-list') listsFor(encryptedId).delete(name);
  }

  function run(source: 'identify' | 'track', { contact, tags, lists: named }: Change) {
    const { encryptedId, email } = contact;
    for (const name of named) listsFor(encryptedId).add(name);
    if (source === 'identify' && rules().identifyFires === 'no') return [];

    const again = rules().readdFires === 'yes';
    const effects = tags.filter(({ changed, kind }) => changed || (again && kind === 'added'));
    const fired = effects.flatMap(({ kind, tag }) =>
      automations
        .filter((automation) => automation.on === kind && automation.tag === tag)
        .map(({ name, actions }): Firing => {
          for (const action of actions) act(action, encryptedId);
          seq += 1;
          return { seq, at: clock(), automation: name, on: kind, tag, actions, encryptedId, email };
        }),
    );
    if (fired.length > 0) firings = [...firings, ...fired].slice(-limit);
    for (const firing of fired) onFiring?.(firing);
    return fired;
  }

  return {
    run,
    rules: automations,
    fired: () => firings,
    listsOf: (encryptedId) => [...(lists.get(encryptedId) ?? [])],
    clear() {
      lists.clear();
      firings = [];
    },
  };
}

import { RULES, type Rule, type RuleId, type Rules } from './rules.ts';

/** A row as told to people: the rule, its id and the choice in force. */
export interface RuleRow extends Rule {
  readonly id: RuleId;
  readonly current: string;
}

/** The rules in force. */
export interface RuleBook {
  /** A choice for every row. */
  current(): Rules;
  /** The table with the choices in force. */
  rows(): readonly RuleRow[];
  /**
   * Flips rows.
   *
   * @param changes - Choices by id.
   * @returns What is wrong, in which case nothing was flipped; else `undefined`.
   */
  set(changes: Readonly<Record<string, unknown>>): string | undefined;
  /** Back to the choices the book was made with. */
  reset(): void;
}

const IDS = Object.keys(RULES) as readonly RuleId[];

function issueOf(id: string, choice: unknown): string | undefined {
  if (!Object.hasOwn(RULES, id)) return `There is no rule "${id}"; nothing was changed.`;
  const { choices } = RULES[id as RuleId];
  if ((choices as readonly unknown[]).includes(choice)) return undefined;
  return `The rule "${id}" must be one of ${choices.join(', ')}; nothing was changed.`;
}

/**
 * Opens a rule book.
 *
 * @param initial - Choices that differ from the defaults.
 * @throws RangeError where `initial` names a rule or a choice that does not exist.
 */
export function createRuleBook(initial: Partial<Rules> = {}): RuleBook {
  const defaults = Object.fromEntries(IDS.map((id) => [id, RULES[id].default])) as Rules;
  let current = defaults;

  const set = (changes: Readonly<Record<string, unknown>>): string | undefined => {
    for (const [id, choice] of Object.entries(changes)) {
      const issue = issueOf(id, choice);
      if (issue) return issue;
    }
    current = { ...current, ...changes };
    return undefined;
  };

  const issue = set(initial);
  if (issue) throw new RangeError(issue);
  const start = current;

  return {
    current: () => current,
    rows: () => IDS.map((id) => ({ id, ...RULES[id], current: current[id] })),
    set,
    reset() {
      current = start;
    },
  };
}

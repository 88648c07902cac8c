import type { RuleRow } from '../ruleBook.ts';
import type { Dom } from './dom.ts';

/** The table of undocumented rules. */
export interface RulesPane {
  /** Shows the table. */
  fill(rules: readonly RuleRow[]): void;
}

/**
 * Sets the table up. Self-contained: the page carries its source.
 *
 * @param flip - Asks the emulator for another choice.
 */
export function createRulesPane(
  { byId, make }: Dom,
  flip: (id: string, choice: string) => void,
): RulesPane {
  const selects = new Map<string, HTMLSelectElement>();

  function row(rule: RuleRow): HTMLElement {
    const select = make('select', '');
    select.id = `rule-${rule.id}`;
    for (const choice of rule.choices) {
      const text = choice === rule.default ? `${choice} (default)` : choice;
      const option = make('option', '', text);
      option.value = choice;
      select.append(option);
    }
    select.addEventListener('change', () => flip(rule.id, select.value));
    selects.set(rule.id, select);
    const label = make('label', '', rule.id);
    label.htmlFor = select.id;
    return make('div', 'rule', label, make('p', '', rule.doc), select);
  }

  return {
    fill(rules) {
      if (selects.size === 0) byId('rules').replaceChildren(...rules.map(row));
      for (const { id, current, default: usual } of rules) {
        const select = selects.get(id);
        if (select) select.value = current;
        select?.parentElement?.classList.toggle('flipped', current !== usual);
      }
      const flipped = rules.filter((rule) => rule.current !== rule.default).length;
      byId('rules-note').textContent =
        `${rules.length} rules, ${flipped === 0 ? 'all' : rules.length - flipped} at their default`;
    },
  };
}

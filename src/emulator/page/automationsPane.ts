import type { Action, Automation, Firing } from '../automations.ts';
import type { Dom } from './dom.ts';

/** The automations and what they did. */
export interface AutomationsPane {
  /** Shows these and no others, firings oldest first. */
  fill(automations: readonly Automation[], fired: readonly Firing[], total: number): void;
  /** Shows a firing. */
  put(firing: Firing): void;
}

/** Sets the lists up. Self-contained: the page carries its source. */
export function createAutomationsPane({ byId, make, time }: Dom): AutomationsPane {
  const MAX_ROWS = 100;
  const VERBS: Record<Action['do'], string> = {
    'start-drip': 'start the drip',
    'stop-drip': 'stop the drip',
    'add-to-list': 'add to the list',
    'remove-from-list': 'remove from the list',
  };
  const counters = new Map<string, { runs: number; readonly label: HTMLElement }>();
  let total = 0;

  const say = (actions: readonly Action[]) =>
    actions.map((action) => `${VERBS[action.do]} “${action.name}”`).join(', ');

  function rule({ name, on, tag, actions }: Automation): HTMLElement {
    const label = make('span', 'times', '0 runs');
    counters.set(name, { runs: 0, label });
    const when = `When “${tag}” is ${on}, ${say(actions)}`;
    const text = make('div', '', make('strong', '', name), make('p', 'muted', when));
    return make('li', 'run', text, label);
  }

  function count(name: string): void {
    const counter = counters.get(name);
    if (!counter) return;
    counter.runs += 1;
    counter.label.textContent = `${counter.runs} ${counter.runs === 1 ? 'run' : 'runs'}`;
  }

  function put(firing: Firing): void {
    count(firing.automation);
    const list = byId('fired');
    const when = make('span', 'time', time(firing.at));
    const text = make('span', '', `${firing.email}: ${say(firing.actions)}`);
    list.prepend(make('li', 'run', when, text));
    while (list.childElementCount > MAX_ROWS) list.lastElementChild?.remove();
  }

  function show(runs: number): void {
    total = runs;
    byId('fired-empty').hidden = total > 0;
    byId('count-fired').textContent = String(total);
  }

  return {
    fill(automations, fired, runs) {
      counters.clear();
      byId('automations').replaceChildren(...automations.map(rule));
      byId('fired').replaceChildren();
      for (const firing of fired) put(firing);
      show(runs);
    },
    put(firing) {
      put(firing);
      show(total + 1);
    },
  };
}

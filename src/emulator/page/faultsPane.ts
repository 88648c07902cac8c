import type { ArmedFault, Fault } from '../faults.ts';
import type { Dom } from './dom.ts';

/** The buttons that make SendX fail, and what is failing. */
export interface FaultsPane {
  /** Shows these and no others. */
  fill(faults: readonly ArmedFault[]): void;
}

/** What the buttons ask of the emulator. */
export interface FaultRequests {
  add(fault: Fault): void;
  clear(): void;
  reset(): void;
}

/** Sets the buttons up. Self-contained: the page carries its source. */
export function createFaultsPane({ byId, make }: Dom, requests: FaultRequests): FaultsPane {
  const TICK_MS = 1000;
  const CHOICES: readonly (readonly [label: string, fault: Fault])[] = [
    ['SendX down for 10 s', { kind: 'status', status: 503, forMs: 10_000 }],
    ['Slow for 10 s', { kind: 'delay', delayMs: 2000, forMs: 10_000 }],
    ['429 for 10 s', { kind: 'status', status: 429, retryAfter: 2, forMs: 10_000 }],
    ['Cut the next call', { kind: 'cut' }],
    ['Lose the next answer', { kind: 'cut', applies: true }],
  ];
  const clear = byId('clear') as HTMLButtonElement;
  let armed: readonly ArmedFault[] = [];

  function describe({ fault, hits, until }: ArmedFault): string {
    const name = fault.kind === 'status' ? `Answer ${fault.status}` : `Fault: ${fault.kind}`;
    const late = fault.delayMs ? `, ${fault.delayMs / 1000} s late` : '';
    const effect = fault.applies ? ', though applied' : '';
    const left = fault.times ?? 1;
    const rest =
      until === undefined
        ? `${left - hits} more ${left - hits === 1 ? 'call' : 'calls'}`
        : `${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s left`;
    return `${name}${late}${effect} (${rest})`;
  }

  function show(): void {
    armed = armed.filter(({ until }) => until === undefined || until > Date.now());
    byId('armed').replaceChildren(...armed.map((fault) => make('li', '', describe(fault))));
    clear.disabled = armed.length === 0;
  }

  for (const [label, fault] of CHOICES) {
    const button = make('button', '', label);
    button.type = 'button';
    button.addEventListener('click', () => requests.add(fault));
    byId('fault-buttons').append(button);
  }
  clear.addEventListener('click', requests.clear);
  byId('reset').addEventListener('click', requests.reset);
  setInterval(() => armed.length > 0 && show(), TICK_MS);

  return {
    fill(faults) {
      armed = faults;
      show();
    },
  };
}

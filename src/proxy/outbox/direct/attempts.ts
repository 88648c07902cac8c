import type { Message } from '../../../protocol.ts';
import type { Clock } from '../clock.ts';
import { newEmailOf } from '../newEmail.ts';
import type { Appended, Deliver, Gate, Permit, Verdict } from '../outbox.ts';
import { createRecent } from './recent.ts';

/** Where messages go while the outbox runs. */
export interface Route {
  readonly deliver: Deliver;
  readonly gate: Gate;
}

/** Delivers messages, each at once or not now. */
export interface Attempts {
  /** What became of a message; without a route it is `later` unless its end is remembered. */
  make(
    message: Message,
    lane: string,
    route: Route | undefined,
    signal: AbortSignal,
  ): Promise<Appended>;
  inFlight(): number;
  /** Forgets how messages of this lane ended. */
  forget(lane: string): void;
}

/** Milliseconds to wait for a place at the gate: beyond that the page's own outbox waits better. */
const PATIENCE_MS = 1_000;

/** Settled ids that are remembered: 1 MB. */
const MAX_RECENT = 10_000;

/** Nothing delivered yet, and SendX holds nothing back. */
export function createAttempts(clock: Clock): Attempts {
  const recent = createRecent(MAX_RECENT);
  let pausedUntil = 0;
  let inFlight = 0;

  async function enter(gate: Gate, signal: AbortSignal): Promise<Permit | undefined> {
    const patience = new AbortController();
    const cancel = clock.after(PATIENCE_MS, () => patience.abort());
    try {
      return await gate.enter(AbortSignal.any([signal, patience.signal]));
    } catch {
      return undefined;
    } finally {
      cancel();
    }
  }

  return {
    async make(message, lane, route, signal) {
      const known = recent.get(message.id);
      if (known !== undefined) return known === 'stored' ? 'duplicate' : 'rejected';
      if (route === undefined || signal.aborted || clock.elapsed() < pausedUntil) return 'later';
      const permit = await enter(route.gate, signal);
      if (permit === undefined) return 'later';
      inFlight += 1;
      let verdict: Verdict | undefined;
      try {
        const delivery = { message, lane, storedAt: clock.now(), attempt: 1, signal };
        verdict = await route.deliver(delivery);
      } finally {
        inFlight -= 1;
        permit.leave(verdict);
      }
      if (verdict.kind === 'retry') {
        // Of contacts that were told side by side how long to wait, the longest holds.
        if (verdict.scope === 'upstream')
          pausedUntil = Math.max(pausedUntil, clock.elapsed() + verdict.afterMs);
        return 'later';
      }
      const isRefused = verdict.kind === 'dead' && verdict.reason === 'rejected';
      const isTaken = verdict.kind === 'done' || (isRefused && tellsOfContacts(message));
      const ending = isTaken ? 'stored' : 'rejected';
      recent.add(message.id, lane, ending);
      return ending;
    },
    inFlight: () => inFlight,
    forget: recent.forget,
  };
}

/**
 * Whether a refusal of this message would tell anybody who asks which addresses are contacts. SendX
 * refuses a track of an unknown address and a rename to a known one, by 404, 409 or, as far as it is
 * documented, any other refusal; an identify makes its contact either way.
 */
function tellsOfContacts(message: Message): boolean {
  if (message.signature !== undefined) return false;
  return message.type === 'track' || newEmailOf(message) !== undefined;
}

import { type Clock, systemClock } from '../outbox/clock.ts';
import type { Gate, Permit } from '../outbox/outbox.ts';
import { type CircuitState, createCircuit } from './circuit.ts';
import type { UpstreamReason } from './verdict.ts';

/** How much SendX may be asked at a time. */
export interface GateOptions {
  /** Deliveries at the same time at most. */
  readonly maxConcurrency: number;
  /** Deliveries that start in a second at most, evenly spaced. @defaultValue no limit */
  readonly ratePerSecond?: number;
  /** @defaultValue the machine's clock */
  readonly clock?: Pick<Clock, 'elapsed' | 'after'>;
  /** In [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** A {@link Gate} that the delivery can shut and the operator can read. */
export interface CircuitGate extends Gate {
  /**
   * Opens the circuit: nothing starts for `retryAfterMs` milliseconds if SendX named a time, else
   * for a cool-down of the gate's own. On an open circuit it can only prolong.
   */
  trip(reason: UpstreamReason, retryAfterMs?: number): void;
  state(): CircuitState;
  /** Why the circuit is not closed; `undefined` when it is, or when only a verdict said so. */
  reason(): UpstreamReason | undefined;
  /** Milliseconds until SendX is asked again; 0 unless open. */
  waitMs(): number;
}

/** Makes a gate with a closed circuit. Who enters first starts first. */
export function createGate(options: GateOptions): CircuitGate {
  const { maxConcurrency, ratePerSecond, clock = systemClock, random = Math.random } = options;
  const circuit = createCircuit(maxConcurrency, random);
  const spacingMs = ratePerSecond === undefined ? 0 : 1_000 / ratePerSecond;
  const waiting = new Set<() => void>();
  let inFlight = 0;
  let nextSlot = 0;
  let cancelTimer = () => {};

  const permit = (): Permit => {
    const now = clock.elapsed();
    const ticket = circuit.start();
    inFlight += 1;
    nextSlot = Math.max(nextSlot, now) + spacingMs;
    let isHeld = true;
    return {
      leave(verdict) {
        if (!isHeld) return;
        isHeld = false;
        inFlight -= 1;
        circuit.end(ticket, verdict, clock.elapsed());
        admit();
      },
    };
  };

  const admit = () => {
    cancelTimer();
    const now = clock.elapsed();
    for (const start of waiting) {
      if (nextSlot > now || !circuit.admits(inFlight, now)) break;
      waiting.delete(start);
      start();
    }
    const at = Math.max(nextSlot, circuit.startsAt());
    if (waiting.size > 0 && at > now) cancelTimer = clock.after(Math.ceil(at - now), admit);
  };

  return {
    enter(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const start = () => {
          signal.removeEventListener('abort', leave);
          resolve(permit());
        };
        const leave = () => {
          waiting.delete(start);
          reject(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(start);
        admit();
      });
    },
    trip(reason, retryAfterMs) {
      circuit.trip(clock.elapsed(), reason, retryAfterMs);
      admit();
    },
    state: () => circuit.state(clock.elapsed()),
    reason: () => circuit.reason(),
    waitMs: () => Math.max(0, circuit.startsAt() - clock.elapsed()),
  };
}

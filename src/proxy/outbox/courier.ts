import type { Message } from '../../protocol.ts';
import type { Clock } from './clock.ts';
import type { Deliver, Gate, Permit, Verdict } from './outbox.ts';

/** A message taken from a store for one attempt; its lane is busy until it is settled. */
export interface Flight {
  readonly message: Message;
  readonly lane: string;
  readonly storedAt: number;
  readonly attempt: number;
  /**
   * Marks an increment durably and resolves to `true`; does nothing for others. A rejection means:
   * not to be delivered now.
   */
  begin(): Promise<boolean>;
  /** Frees the lane untried. */
  release(): void;
  /** Writes the verdict durably and frees the lane. Never rejects. */
  settle(verdict: Verdict): Promise<void>;
}

/** A store as seen by who carries its messages. */
export interface Source {
  /** Resolves when a message may be due, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** The next message that is due and whose lane is free. */
  take(): Promise<Flight | undefined>;
}

/** Carries messages from a store to a {@link Deliver}. */
export interface Courier {
  run(deliver: Deliver, gate: Gate): Promise<void>;
  /** Takes nothing more; waits for what is in flight and aborts it after `graceMs`. */
  close(graceMs: number): Promise<void>;
  inFlight(): number;
}

// Delivered messages whose verdict is not on disk yet count too: this bounds what a crash repeats.
const MAX_UNSETTLED = 256;
// How long an aborted delivery may take to say what it knows; without a verdict it is unknown.
const ABORT_MS = 1_000;
// The store could not mark an increment, for want of disk space say: the lane waits a little.
const UNMARKED_RETRY_MS = 1_000;

/** A delivery that throws breaks its contract; the pause of 30 s keeps the mistake from spinning. */
const BROKEN: Verdict = { kind: 'retry', scope: 'message', afterMs: 30_000 };
const AMBIGUOUS: Verdict = { kind: 'dead', reason: 'ambiguous', detail: 'its delivery broke off' };

/** Makes the loop that every outbox with a store runs. */
export function createCourier(source: Source, clock: Clock): Courier {
  const stop = new AbortController();
  // A controller each: delivery after delivery adds listeners, and a shared signal would keep them.
  const flights = new Map<Promise<void>, AbortController>();
  let running: Promise<void> | undefined;
  let landed = () => {};
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });

  async function fly(
    flight: Flight,
    permit: Permit,
    deliver: Deliver,
    signal: AbortSignal,
  ): Promise<void> {
    let marked: boolean;
    try {
      marked = await flight.begin();
    } catch {
      permit.leave(undefined);
      await pause(clock, UNMARKED_RETRY_MS, stop.signal);
      flight.release();
      return;
    }
    const { message, lane, storedAt, attempt } = flight;
    let verdict: Verdict;
    try {
      verdict = await deliver({ message, lane, storedAt, attempt, signal });
    } catch {
      verdict = marked ? AMBIGUOUS : BROKEN;
    }
    permit.leave(verdict);
    await flight.settle(verdict);
  }

  async function loop(deliver: Deliver, gate: Gate): Promise<void> {
    while (!stop.signal.aborted) {
      await source.ready(stop.signal);
      if (flights.size >= MAX_UNSETTLED) {
        await new Promise<void>((resolve) => {
          landed = resolve;
        });
      }
      if (stop.signal.aborted) break;
      const permit = await gate.enter(stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted) return undefined;
        throw error;
      });
      if (permit === undefined) break;
      const flight = stop.signal.aborted ? undefined : await source.take();
      if (flight === undefined) {
        permit.leave(undefined);
        // Whatever keeps saying ready with nothing to take must not stop the event loop.
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const controller = new AbortController();
      const flying = fly(flight, permit, deliver, controller.signal).finally(() => {
        flights.delete(flying);
        landed();
      });
      flights.set(flying, controller);
    }
    await closed;
  }

  return {
    run(deliver, gate) {
      if (running !== undefined) throw new Error('outbox: run was called twice; one run delivers');
      running = loop(deliver, gate);
      return running;
    },
    async close(graceMs) {
      stop.abort();
      const allLanded = Promise.all(flights.keys());
      const patience = new AbortController();
      await Promise.race([allLanded, pause(clock, graceMs, patience.signal)]);
      for (const controller of flights.values()) controller.abort();
      await Promise.race([allLanded, pause(clock, ABORT_MS, patience.signal)]);
      patience.abort();
      landed();
      close();
    },
    inFlight: () => flights.size,
  };
}

/** Resolves after `ms` milliseconds, or at once when `signal` aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(ms, done);
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

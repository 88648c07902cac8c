import { type Attempt, startAttempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import type { Deliver, Gate, Permit } from './outbox.ts';
import { pause } from './pause.ts';
import { enterAll } from './permits.ts';
import type { Flight, Source } from './source.ts';

/** Carries messages from a store to a {@link Deliver}. */
export interface Courier {
  /** Rejects when the store could not be read for a minute. */
  run(deliver: Deliver, gate: Gate): Promise<void>;
  /** Takes nothing more; waits for what is in flight and aborts it after `graceMs`. */
  close(graceMs: number): Promise<void>;
  inFlight(): number;
}

// Delivered messages whose verdict is not on disk yet count too: this bounds what a crash repeats.
const MAX_UNSETTLED = 256;
// How long an aborted delivery may take to say what it knows; then its outcome is unknown.
const ABORT_MS = 1_000;
// How long the last verdicts may take to be written; what is not is tried again at the next start.
const SETTLE_MS = 2_000;
// The store could not be read.
const READ_RETRY_MS = 1_000;
// A minute of a store that cannot be read: more is no passing trouble, and somebody has to know.
const MAX_FAILURES = 60;

/** Makes the loop that every outbox with a store runs. */
export function createCourier(source: Source, clock: Clock): Courier {
  const stop = new AbortController();
  /** Under way, each with its removal from here. */
  const attempts = new Map<Attempt, Promise<void>>();
  let running: Promise<void> | undefined;
  let makeRoom = () => {};

  function start(flight: Flight, permit: Permit, deliver: Deliver): void {
    const attempt = startAttempt(flight, { permit, deliver, clock, closing: stop.signal });
    const left = attempt.landed.finally(() => {
      attempts.delete(attempt);
      makeRoom();
    });
    attempts.set(attempt, left);
  }

  /** Starts what may start now; resolves to how many messages were taken. */
  async function turn(deliver: Deliver, gate: Gate): Promise<number> {
    await source.ready(stop.signal);
    if (attempts.size >= MAX_UNSETTLED) {
      await new Promise<void>((resolve) => {
        makeRoom = resolve;
      });
    }
    if (stop.signal.aborted) return 0;
    const permits = [...(await enterAll(gate, source.batch, stop.signal))];
    try {
      const flights = stop.signal.aborted ? [] : await source.take(permits.length);
      for (const flight of flights) {
        const permit = stop.signal.aborted ? undefined : permits.shift();
        if (permit === undefined) await flight.release();
        else start(flight, permit, deliver);
      }
      return flights.length;
    } finally {
      for (const permit of permits) permit.leave(undefined);
    }
  }

  async function loop(deliver: Deliver, gate: Gate): Promise<void> {
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        const taken = await turn(deliver, gate);
        failures = 0;
        // Whatever keeps saying ready with nothing to take must not stop the event loop.
        if (taken === 0) await new Promise((resolve) => setImmediate(resolve));
      } catch (error) {
        failures += 1;
        if (failures === MAX_FAILURES) throw error;
        await pause(clock, READ_RETRY_MS, stop.signal);
      }
    }
  }

  async function within(ms: number, wait: Promise<unknown>): Promise<void> {
    const patience = new AbortController();
    await Promise.race([wait, pause(clock, ms, patience.signal)]);
    patience.abort();
  }

  return {
    run(deliver, gate) {
      if (running !== undefined) throw new Error('outbox: run was called twice; one run delivers');
      running = loop(deliver, gate);
      return running;
    },
    async close(graceMs) {
      stop.abort();
      makeRoom();
      // What is being taken at this moment is given back by the loop.
      const landed = Promise.allSettled([running, ...attempts.values()]);
      await within(graceMs, landed);
      for (const attempt of attempts.keys()) attempt.abort();
      await within(ABORT_MS, landed);
      for (const attempt of attempts.keys()) attempt.giveUp();
      await within(SETTLE_MS, landed);
    },
    inFlight: () => attempts.size,
  };
}

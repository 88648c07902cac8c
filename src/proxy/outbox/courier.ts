import type { Message } from '../../protocol.ts';
import type { Clock } from './clock.ts';
import { CUT_SHORT } from './cutShort.ts';
import type { Deliver, Gate, Permit, Verdict } from './outbox.ts';
import { pause } from './pause.ts';
import { enterAll } from './permits.ts';

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
  /** Frees the lane untried. Never rejects. */
  release(): Promise<void>;
  /** Writes the verdict durably and frees the lane. Never rejects. */
  settle(verdict: Verdict): Promise<void>;
}

/** A store as seen by who carries its messages. */
export interface Source {
  /** Flights that one take is best asked for. */
  readonly batch: number;
  /** Resolves when a message may be due, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** At most so many messages that are due and whose lanes are free, one a lane. */
  take(most: number): Promise<readonly Flight[]>;
}

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
// The store could not be read, or could not mark an increment for want of disk space, say.
const STORE_RETRY_MS = 1_000;
// A minute of a store that cannot be read: more is no passing trouble, and somebody has to know.
const MAX_FAILURES = 60;

const AGAIN: Verdict = { kind: 'retry', scope: 'message', afterMs: 0 };
/** A delivery that throws breaks its contract; the pause of 30 s keeps the mistake from spinning. */
const BROKEN: Verdict = { kind: 'retry', scope: 'message', afterMs: 30_000 };

interface Attempt {
  readonly landed: Promise<void>;
  abort(): void;
  giveUp(): void;
}

/** Makes the loop that every outbox with a store runs. */
export function createCourier(source: Source, clock: Clock): Courier {
  const stop = new AbortController();
  const attempts = new Set<Attempt>();
  let running: Promise<void> | undefined;
  let makeRoom = () => {};

  function start(flight: Flight, permit: Permit, deliver: Deliver): void {
    // A controller each: deliveries add listeners to it, and a shared signal would keep them all.
    const controller = new AbortController();
    let giveUp = () => {};
    const givenUp = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined);
    });
    const landed = fly(flight, permit, (delivery) =>
      Promise.race([deliver({ ...delivery, signal: controller.signal }), givenUp]),
    ).finally(() => {
      attempts.delete(attempt);
      makeRoom();
    });
    const attempt = { landed, abort: () => controller.abort(), giveUp };
    attempts.add(attempt);
  }

  async function fly(
    flight: Flight,
    permit: Permit,
    deliver: (
      delivery: Pick<Flight, 'message' | 'lane' | 'storedAt' | 'attempt'>,
    ) => Promise<Verdict | undefined>,
  ): Promise<void> {
    let isMarked: boolean;
    try {
      isMarked = await flight.begin();
    } catch {
      permit.leave(undefined);
      await pause(clock, STORE_RETRY_MS, stop.signal);
      await flight.release();
      return;
    }
    const { message, lane, storedAt, attempt } = flight;
    let verdict: Verdict;
    try {
      const brought = await deliver({ message, lane, storedAt, attempt });
      verdict = brought ?? (isMarked ? CUT_SHORT : AGAIN);
    } catch {
      verdict = isMarked ? CUT_SHORT : BROKEN;
    }
    permit.leave(verdict);
    await flight.settle(verdict);
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
        await pause(clock, STORE_RETRY_MS, stop.signal);
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
      const landed = Promise.allSettled([running, ...Array.from(attempts, (each) => each.landed)]);
      await within(graceMs, landed);
      for (const attempt of attempts) attempt.abort();
      await within(ABORT_MS, landed);
      for (const attempt of attempts) attempt.giveUp();
      await within(SETTLE_MS, landed);
    },
    inFlight: () => attempts.size,
  };
}

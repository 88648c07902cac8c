import type { Clock } from './clock.ts';
import { CUT_SHORT } from './cutShort.ts';
import type { Deliver, Permit, Verdict } from './outbox.ts';
import { pause } from './pause.ts';
import type { Flight } from './source.ts';

/** What an attempt needs beside its flight. */
export interface AttemptParts {
  /** Given back as soon as the delivery has ended. */
  readonly permit: Permit;
  readonly deliver: Deliver;
  readonly clock: Clock;
  /** Aborted when the outbox closes. */
  readonly closing: AbortSignal;
}

/** One flight on its way, from the mark to the verdict on disk. */
export interface Attempt {
  /** Resolves once the lane is free again. */
  readonly landed: Promise<void>;
  /** Tells the delivery to end. */
  abort(): void;
  /** Waits for the delivery no longer: its outcome is unknown. */
  giveUp(): void;
}

// An increment that could not be marked, for want of disk space, say.
const MARK_RETRY_MS = 1_000;

const AGAIN: Verdict = { kind: 'retry', scope: 'message', afterMs: 0 };
/** A delivery that throws breaks its contract; the pause of 30 s keeps the mistake from spinning. */
const BROKEN: Verdict = { kind: 'retry', scope: 'message', afterMs: 30_000 };

/** Delivers a message and writes what became of it; one that cannot be marked is not delivered. */
export function startAttempt(flight: Flight, parts: AttemptParts): Attempt {
  const { permit, deliver, clock, closing } = parts;
  // A controller each: deliveries add listeners to it, and a shared signal would keep them all.
  const controller = new AbortController();
  let giveUp = () => {};
  const givenUp = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
  });

  async function verdictOf(isMarked: boolean): Promise<Verdict> {
    const { message, lane, storedAt, attempt } = flight;
    const { signal } = controller;
    try {
      const delivering = deliver({ message, lane, storedAt, attempt, signal });
      return (await Promise.race([delivering, givenUp])) ?? (isMarked ? CUT_SHORT : AGAIN);
    } catch {
      return isMarked ? CUT_SHORT : BROKEN;
    }
  }

  async function fly(): Promise<void> {
    let isMarked: boolean;
    try {
      isMarked = await flight.begin();
    } catch {
      permit.leave(undefined);
      await pause(clock, MARK_RETRY_MS, closing);
      await flight.release();
      return;
    }
    const verdict = await verdictOf(isMarked);
    permit.leave(verdict);
    await flight.settle(verdict);
  }

  return { landed: fly(), abort: () => controller.abort(), giveUp };
}

import type { Verdict } from '../outbox/outbox.ts';
import { coolDown } from './backoff.ts';
import type { UpstreamReason } from './verdict.ts';

/**
 * `closed`: deliveries run. `open`: all wait for a cool-down to pass. `half-open`: it has passed,
 * and one delivery at a time, a probe, finds out whether SendX is back.
 */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** When a delivery started, as the circuit saw it. */
export interface Ticket {
  readonly period: number;
  readonly isProbe: boolean;
}

/** The switch between the lanes and SendX. Times are milliseconds of a clock that never goes back. */
export interface Circuit {
  state(now: number): CircuitState;
  /** Why it is not closed; `undefined` when it is, or when only a verdict said so. */
  reason(): UpstreamReason | undefined;
  /** When the next delivery may start as far as time goes; in the past unless open. */
  startsAt(): number;
  /** Whether one more delivery may start beside those in flight. */
  admits(inFlight: number, now: number): boolean;
  start(): Ticket;
  /** Takes back a ticket with what the attempt brought; `undefined` when nothing was tried. */
  end(ticket: Ticket, verdict: Verdict | undefined, now: number): void;
  /**
   * Opens it, for `retryAfterMs` if SendX named a time, else for a cool-down of its own. On an open
   * circuit it can only prolong.
   */
  trip(now: number, reason: UpstreamReason | undefined, retryAfterMs?: number): void;
}

/**
 * Makes a closed circuit.
 *
 * @param most - deliveries at the same time at most.
 * @param random - in [0, 1).
 */
export function createCircuit(most: number, random: () => number): Circuit {
  let isOpen = false;
  let until = 0;
  let why: UpstreamReason | undefined;
  let isProbing = false;
  /** Cool-downs in a row, for the length of the next. */
  let level = 0;
  /** Grows from 1 with every answer after a recovery: a SendX just back meets no herd. */
  let limit = most;
  /** Counts openings, so that what started before one neither closes nor prolongs it. */
  let period = 0;

  const open = (now: number, retryAfterMs = 0) => {
    isOpen = true;
    isProbing = false;
    period += 1;
    until = now + (retryAfterMs > 0 ? retryAfterMs : coolDown(level, random));
    level += 1;
  };

  const recover = () => {
    isOpen = false;
    why = undefined;
    limit = 1;
  };

  const reopen = (now: number, verdict: Verdict) => {
    // A failure of the message alone says little of SendX: ask again after the same pause.
    if (verdict.kind === 'retry' && verdict.scope === 'message') level -= 1;
    const named = until - now;
    open(now, named);
  };

  return {
    state: (now) => (!isOpen ? 'closed' : now < until ? 'open' : 'half-open'),
    reason: () => why,
    startsAt: () => (isOpen ? until : 0),
    admits: (inFlight, now) =>
      isOpen ? now >= until && !isProbing && inFlight < most : inFlight < limit,
    start() {
      isProbing = isOpen;
      return { period, isProbe: isOpen };
    },
    end(ticket, verdict, now) {
      if (ticket.period !== period) return;
      if (ticket.isProbe) isProbing = false;
      if (verdict === undefined) return;
      if (ticket.isProbe) {
        if (!isAnswer(verdict)) reopen(now, verdict);
        // Another delivery was told meanwhile how long to wait, and that holds.
        else if (now >= until) recover();
      } else if (isAnswer(verdict)) {
        limit = Math.min(limit + 1, most);
        if (limit === most) level = 0;
      } else if (verdict.kind === 'retry' && verdict.scope === 'upstream') {
        open(now, verdict.afterMs);
      }
    },
    trip(now, reason, retryAfterMs = 0) {
      why = reason;
      if (!isOpen) open(now, retryAfterMs);
      else if (retryAfterMs > 0) until = Math.max(until, now + retryAfterMs);
    },
  };
}

/** Whether SendX took the message or refused it: either way it is there. */
const isAnswer = (verdict: Verdict): boolean =>
  verdict.kind === 'done' || (verdict.kind === 'dead' && verdict.reason === 'rejected');

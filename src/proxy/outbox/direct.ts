import type { Message } from '../../protocol.ts';
import { type Clock, systemClock } from './clock.ts';
import { createAttempts, type Route } from './direct/attempts.ts';
import { type BatchLane, splitLanes } from './direct/laneSplit.ts';
import { createLeases } from './direct/leases.ts';
import type { Appended, Outbox } from './outbox.ts';

/** What a direct outbox works with. */
export interface DirectOptions {
  /** Keyed hash of an e-mail, for logs. */
  readonly laneOf: (email: string) => string;
  /**
   * Milliseconds for one append; what SendX has not taken by then is `later`. Below the 30 s that
   * the snippet waits for an answer.
   *
   * @defaultValue 20000
   */
  readonly budgetMs?: number;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock;
}

/** Contacts delivered side by side: Cloudflare Workers hold six connections per request at most. */
const MAX_PARALLEL = 6;

/** Milliseconds beyond its budget that a contact is kept for an append that never ended. */
const LEASE_MARGIN_MS = 5_000;

/**
 * Makes an outbox without a store, for places that have no disk: `append` delivers, and answers
 * once SendX has. It promises less than its siblings:
 *
 * - what SendX cannot take now is `later` and stays in the page's outbox: lost if the visitor never
 *   comes back;
 * - an id is a duplicate only while this process lives and remembers it, so that a message can
 *   reach SendX twice, an increment too;
 * - a contact's messages keep their order within an append. While one append delivers a contact,
 *   another append in this process answers `later` for it; other processes know nothing of it;
 * - what SendX refuses, or an increment of which nobody knows whether SendX applied it, is
 *   `rejected`: there are no dead letters. Only a message with its signature is told of a refusal
 *   that can depend on who is a contact; without one the answer is as for any contact.
 *
 * Before `run` and after `close` everything is `later`.
 */
export function createDirectOutbox(options: DirectOptions): Outbox {
  const { laneOf, budgetMs = 20_000, clock = systemClock } = options;
  const attempts = createAttempts(clock);
  const leases = createLeases(budgetMs + LEASE_MARGIN_MS);
  const appends = new Map<AbortController, Promise<unknown>>();
  let route: Route | undefined;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });

  async function deliverAll(
    messages: readonly Message[],
    signal: AbortSignal,
  ): Promise<readonly Appended[]> {
    const answers: Appended[] = messages.map(() => 'later');

    /** Delivers one contact's messages, and stops at the first that has to wait. */
    const deliverLane = async ({ emails, places }: BatchLane) => {
      const release = leases.take(emails, clock.elapsed());
      if (release === undefined) return;
      try {
        for (const place of places) {
          const message = messages[place];
          if (message === undefined) return;
          const answer = await attempts.make(message, laneOf(message.email), route, signal);
          answers[place] = answer;
          if (answer === 'later') return;
        }
      } finally {
        release();
      }
    };

    const lanes = splitLanes(messages).values();
    const work = async () => {
      for (const lane of lanes) await deliverLane(lane);
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL }, work));
    return answers;
  }

  return {
    async append(messages) {
      const budget = new AbortController();
      const cancel = clock.after(budgetMs, () => budget.abort());
      const delivering = deliverAll(messages, budget.signal);
      appends.set(budget, delivering);
      try {
        return await delivering;
      } finally {
        cancel();
        appends.delete(budget);
      }
    },
    run(deliver, gate) {
      route = { deliver, gate };
      return stopped;
    },
    async close(graceMs) {
      route = undefined;
      const landed = Promise.allSettled(appends.values());
      const cancel = clock.after(graceMs, () => {
        for (const budget of appends.keys()) budget.abort();
      });
      await landed;
      cancel();
      stop();
    },
    stats: async () => ({ waiting: 0, oldestMs: 0, inFlight: attempts.inFlight(), dead: 0 }),
    async erase(email) {
      attempts.forget(laneOf(email));
      return 0;
    },
    laneOf,
    dead: {
      list: async () => [],
      get: async () => undefined,
      retry: async () => false,
      drop: async () => false,
    },
  };
}

import { expect } from 'vitest';
import type { IdentifyMessage, Message, TrackMessage } from '../../../src/protocol.ts';
import type { Deliver, Delivery, Gate, Outbox, Verdict } from '../../../src/proxy/outbox/outbox.ts';

/** The verdicts. */
export const done: Verdict = { kind: 'done' };
export const retry = (afterMs = 10): Verdict => ({ kind: 'retry', scope: 'message', afterMs });
export const dead = (detail?: string): Verdict => ({
  kind: 'dead',
  reason: 'rejected',
  ...(detail === undefined ? {} : { detail }),
});

export function track(id: string, email = 'jane@example.com'): TrackMessage {
  return { id, type: 'track', at: 1_700_000_000_000, email, addTags: [`tag-${id}`] };
}

export function rename(id: string, email: string, newEmail: string): IdentifyMessage {
  return { id, type: 'identify', at: 1_700_000_000_000, email, traits: { newEmail } };
}

export function increment(id: string, email = 'jane@example.com'): IdentifyMessage {
  const traits = { customFields: { Visits: '++1' } };
  return { id, type: 'identify', at: 1_700_000_000_000, email, traits };
}

export const holdsIncrement = (message: Message): boolean =>
  message.type === 'identify' &&
  Object.values(message.traits.customFields ?? {}).some((value) => /^(\+\+|--)/.test(value));

/** Lets `places` deliveries run at once. */
export function gateOf(places = 8): Gate {
  let free = places;
  const queue: (() => void)[] = [];
  const permit = () => ({
    leave() {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    },
  });
  return {
    enter(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (free > 0) {
          free -= 1;
          return resolve(permit());
        }
        const leave = () => {
          queue.splice(queue.indexOf(enter), 1);
          reject(signal.reason);
        };
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(permit());
        };
        queue.push(enter);
        signal.addEventListener('abort', leave);
      });
    },
  };
}

/** SendX as a script: the verdicts of each id in turn, then `done`; keeps what it saw. */
export function upstream(script: Readonly<Record<string, readonly Verdict[]>> = {}) {
  const attempts: string[] = [];
  const deliveries: Delivery[] = [];
  const settled: string[] = [];
  const left = new Map(Object.entries(script).map(([id, verdicts]) => [id, [...verdicts]]));
  const deliver: Deliver = async (delivery) => {
    const { id } = delivery.message;
    attempts.push(id);
    deliveries.push(delivery);
    const verdict = left.get(id)?.shift() ?? done;
    if (verdict.kind === 'done') settled.push(id);
    return verdict;
  };
  return {
    deliver,
    attempts,
    deliveries,
    settled,
    of: (email: string) =>
      deliveries.filter((d) => d.message.email === email).map((d) => d.message.id),
  };
}

/** A deliver whose verdicts the test gives when it wants to; an abort is a retry. */
export function manual() {
  const open = new Map<string, { delivery: Delivery; answer: (verdict: Verdict) => void }>();
  const started: string[] = [];
  const deliver: Deliver = (delivery) =>
    new Promise((answer) => {
      started.push(delivery.message.id);
      delivery.signal.addEventListener('abort', () => answer(retry(0)));
      open.set(delivery.message.id, { delivery, answer });
    });
  return {
    deliver,
    started,
    delivery: (id: string) => open.get(id)?.delivery,
    answer(id: string, verdict: Verdict) {
      const flight = open.get(id);
      if (flight === undefined) throw new Error(`${id} is not in flight`);
      open.delete(id);
      flight.answer(verdict);
    },
  };
}

const patience = { timeout: 15_000, interval: 5 };

/** Resolves once `condition` holds. */
export const until = (condition: () => unknown) => expect.poll(condition, patience).toBeTruthy();

/** Resolves once nothing waits. */
export const emptied = (outbox: Outbox) =>
  expect.poll(async () => (await outbox.stats()).waiting, patience).toBe(0);

import fc from 'fast-check';
import type { Message } from '../../../src/protocol.ts';
import type { Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { dead, done, increment, rename, retry, track } from './scripted.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Few enough that lanes meet. */
export const EMAILS = ['a@example.com', 'b@example.com', 'C@Example.com', 'd@example.com'];

const id = fc.integer({ min: 0, max: 30 }).map((n) => `m${n}`);
const email = fc.constantFrom(...EMAILS, 'A@example.com');
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(id, email).map(([name, who]) => track(name, who)) },
  { weight: 2, arbitrary: fc.tuple(id, email).map(([name, who]) => increment(name, who)) },
  {
    weight: 1,
    arbitrary: fc.tuple(id, email, email).map(([name, from, to]) => rename(name, from, to)),
  },
);
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(done) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2_000 }).map(retry) },
  { weight: 1, arbitrary: fc.constant(dead()) },
);

/** One thing that may happen to an outbox. */
export type Step =
  | { readonly do: 'append'; readonly appends: readonly (readonly Message[])[] }
  | { readonly do: 'answer'; readonly which: number; readonly verdict: Verdict }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'set'; readonly ms: number }
  | { readonly do: 'revive' | 'erase'; readonly which: number }
  | { readonly do: 'crash' | 'restart' };

const which = fc.nat(100);
/** Any of them. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      appends: fc.array(fc.array(message, { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('answer' as const), which, verdict }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(1_500) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      ms: fc.integer({ min: -25 * HOUR_MS, max: 25 * HOUR_MS }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('revive', 'erase'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('crash', 'restart') }) },
);

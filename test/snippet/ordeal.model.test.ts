import fc from 'fast-check';
import { it } from 'vitest';
import { type Act, playOrdeal, type Step } from './ordeal.ts';
import type { Weather } from './receiver.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** `LONG=5`: longer visits, for five minutes each property. */
const LONG_MS = Number(process.env.LONG ?? 0) * 60_000;

const constant = <const T>(value: T) => fc.constant(value);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: constant('track'),
      bytes: fc.constantFrom(1, 1, 1, 500, 2_000, 7_500, 7_500),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: constant('identify'),
      email: fc.constantFrom('jane@example.com', 'joe@example.com'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('flush', 'hide', 'show', 'online', 'leave', 'crash', 'reset'),
    }),
  },
);

const weather: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 3, arbitrary: constant({ kind: 'clear' }) },
  fc.record({ kind: constant('slow'), ms: fc.integer({ min: 50, max: 40_000 }) }),
  constant({ kind: 'mute' }),
  constant({ kind: 'half' }),
  constant({ kind: 'cut' }),
  fc.record({
    kind: constant('status'),
    status: fc.constantFrom(429, 503, 500, 200, 400, 403),
    retryAfterS: fc.constantFrom(0, 0, 3, 600),
  }),
  fc.record({ kind: constant('narrow'), bytes: fc.integer({ min: 300, max: 9_000 }) }),
  fc.record({ kind: constant('picky'), word: fc.constantFrom('later', 'nothing') }),
);

const burst: fc.Arbitrary<Step> = fc
  .tuple(fc.nat(3), fc.integer({ min: 20, max: 70 }), fc.constantFrom(1, 400, 1_500))
  .map(([tab, count, bytes]) => ({
    do: 'task',
    tab,
    acts: Array(count).fill({ do: 'track', bytes }),
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: constant('open') }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: constant('task'),
      tab: fc.nat(3),
      acts: fc.array(act, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: burst },
  { weight: 4, arbitrary: fc.record({ do: constant('weather'), weather }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: constant('pass'),
      ms: fc.constantFrom(1, 100, 999, 1_000, 2_000, 10_000, 70_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: constant('quota'),
      bytes: fc.constantFrom(0, 400, 3_000, 20_000, 64 * 1024),
    }),
  },
);

const troubled: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: step },
  {
    weight: 1,
    arbitrary: fc.record({
      do: constant('health'),
      health: fc.constantFrom('well', 'full', 'denied', 'null'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: constant('set'),
      ms: fc.oneof(
        fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        fc.integer({ min: -10 * DAY_MS, max: 10 * DAY_MS }),
      ),
    }),
  },
);

const play = (steps: fc.Arbitrary<Step>, numRuns: number) =>
  fc.assert(
    fc.asyncProperty(
      fc.array(steps, { maxLength: LONG_MS ? 80 : 40, size: 'max' }),
      fc.double({ min: 0.05, max: 1, maxExcluded: true, noNaN: true }),
      (visit, random) => playOrdeal([{ do: 'open' }, ...visit], random),
    ),
    LONG_MS
      ? { numRuns: 1e6, interruptAfterTimeLimit: LONG_MS, markInterruptAsFailure: false }
      : { numRuns },
  );

const TIMEOUT_MS = LONG_MS * 2 + 60_000;

it(
  'delivers everything, in order and not for ever, whatever tabs and networks do',
  async () => {
    await play(step, 40);
  },
  TIMEOUT_MS,
);

it(
  'loses nothing but what dies with its page where storage fails and clocks jump',
  async () => {
    await play(troubled, 30);
  },
  TIMEOUT_MS,
);

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createGate } from '../../../src/proxy/delivery/gate.ts';
import type { Permit, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { createFakeClock, settled } from '../fakeClock.ts';

const DONE: Verdict = { kind: 'done' };
const REJECTED: Verdict = { kind: 'dead', reason: 'rejected' };
const AMBIGUOUS: Verdict = { kind: 'dead', reason: 'ambiguous' };
const STUCK: Verdict = { kind: 'retry', scope: 'message', afterMs: 10 };
const DOWN: Verdict = { kind: 'retry', scope: 'upstream', afterMs: 10 };

type Command =
  | { readonly do: 'enter' }
  | { readonly do: 'quit'; readonly which: number }
  | { readonly do: 'leave'; readonly which: number; readonly verdict: Verdict | undefined }
  | { readonly do: 'trip'; readonly retryAfterMs: number | undefined }
  | { readonly do: 'advance'; readonly ms: number };

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'enter' } as const) },
    fc.record({ do: fc.constant('quit' as const), which: fc.nat() }),
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('leave' as const),
        which: fc.nat(),
        verdict: fc.constantFrom(undefined, DONE, DONE, DONE, REJECTED, AMBIGUOUS, STUCK, DOWN),
      }),
    },
    fc.record({
      do: fc.constant('trip' as const),
      retryAfterMs: fc.constantFrom(undefined, undefined, 700, 90_000),
    }),
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(5_000) }),
    },
  ),
  { minLength: 1, maxLength: 60 },
);

it('keeps its bounds, its order and its word whatever happens, and starves nobody', async () => {
  await fc.assert(
    fc.asyncProperty(
      commands,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(undefined, 3),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      checkInvariants,
    ),
    { numRuns: 1_000 },
  );
});

async function checkInvariants(
  script: readonly Command[],
  maxConcurrency: number,
  ratePerSecond: number | undefined,
  random: number,
): Promise<void> {
  const clock = createFakeClock();
  const gate = createGate({
    maxConcurrency,
    clock,
    random: () => random,
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
  });
  const waiting = new Map<number, AbortController>();
  const held: { readonly permit: Permit; readonly isProbe: boolean }[] = [];
  let names = 0;
  let lastStart = Number.NEGATIVE_INFINITY;
  let lastName = -1;
  // Nothing may start before: a lower bound that the test works out for itself.
  let notBefore = 0;
  // A probe that fails before a time that SendX named is followed at that time, without a cool-down.
  let namedUntil = 0;
  let isShut = false;
  const faults: unknown[] = [];

  const onStart = (name: number, permit: Permit) => {
    const now = clock.elapsed();
    waiting.delete(name);
    expect(name).toBeGreaterThan(lastName);
    expect(now).toBeGreaterThanOrEqual(notBefore);
    if (ratePerSecond !== undefined) {
      expect(now - lastStart).toBeGreaterThanOrEqual(1_000 / ratePerSecond - 1e-6);
    }
    if (isShut) expect(held.some(({ isProbe }) => isProbe)).toBe(false);
    held.push({ permit, isProbe: isShut });
    expect(held.length).toBeLessThanOrEqual(maxConcurrency);
    [lastStart, lastName] = [now, name];
  };

  const enter = () => {
    const name = names++;
    const controller = new AbortController();
    waiting.set(name, controller);
    gate
      .enter(controller.signal)
      .then((permit) => onStart(name, permit))
      .catch((error: unknown) => {
        waiting.delete(name);
        if (!controller.signal.aborted) faults.push(error);
      });
  };

  const leave = (which: number, verdict: Verdict | undefined) => {
    const [item] = held.splice(which % held.length, 1);
    const isAnswer = verdict === DONE || verdict === REJECTED;
    if (item?.isProbe && isAnswer) isShut = false;
    if (item?.isProbe && !isAnswer && verdict !== undefined && namedUntil <= clock.elapsed()) {
      notBefore = Math.max(notBefore, clock.elapsed() + 500);
    }
    item?.permit.leave(verdict);
    if (gate.state() !== 'closed') isShut = true;
  };

  for (const command of script) {
    if (command.do === 'enter') enter();
    if (command.do === 'quit') {
      const names = [...waiting.keys()];
      waiting.get(names[command.which % names.length] ?? -1)?.abort();
    }
    if (command.do === 'leave' && held.length > 0) leave(command.which, command.verdict);
    if (command.do === 'trip') {
      const pause = command.retryAfterMs ?? (isShut ? 0 : 500);
      notBefore = Math.max(notBefore, clock.elapsed() + pause);
      if (command.retryAfterMs !== undefined) namedUntil = notBefore;
      isShut = true;
      gate.trip('outage', command.retryAfterMs);
    }
    if (command.do === 'advance') await clock.advance(command.ms);
    await settled();
    expect(faults).toEqual([]);
  }

  enter();
  await settled();
  for (let round = 0; round < 1_000 && (waiting.size > 0 || held.length > 0); round += 1) {
    while (held.length > 0) leave(0, DONE);
    await clock.advance(1_000);
  }
  expect(faults).toEqual([]);
  expect(waiting.size).toBe(0);
  expect(gate.state()).toBe('closed');
}

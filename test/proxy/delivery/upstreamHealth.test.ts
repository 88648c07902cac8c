import { expect, test } from 'vitest';
import type { CircuitState } from '../../../src/proxy/delivery/circuit.ts';
import { createUpstreamWatch } from '../../../src/proxy/delivery/upstreamHealth.ts';
import { delivery } from '../fixture.ts';

const DONE = delivery();
const RETRY = delivery({
  verdict: 'retry',
  scope: 'message',
  failure: 'unavailable',
  status: 503,
  afterMs: 4_000,
});

function setUp() {
  let now = 1_000;
  let state: CircuitState = 'closed';
  let waitMs = 0;
  const gate = {
    state: () => state,
    reason: () => (state === 'closed' ? undefined : ('outage' as const)),
    waitMs: () => waitMs,
  };
  const watch = createUpstreamWatch(gate, () => now);
  return {
    ...watch,
    pass: (ms: number) => {
      now += ms;
    },
    open: (ms: number) => {
      state = 'open';
      waitMs = ms;
    },
  };
}

test('claims nothing before the first attempt', () => {
  expect(setUp().read()).toEqual({ state: 'closed', waitMs: 0 });
});

test('tells since when SendX fails, and when it is asked again, though no lane is held back', () => {
  const { delivered, read, pass } = setUp();
  delivered(RETRY);
  pass(3_000);
  expect(read()).toEqual({
    state: 'closed',
    trouble: { failure: 'unavailable', status: 503, since: 1_000 },
    waitMs: 1_000,
  });
  pass(1_000);
  delivered({ ...RETRY, failure: 'timeout', status: 504, afterMs: 8_000 });
  expect(read()).toMatchObject({ trouble: { failure: 'timeout', since: 1_000 }, waitMs: 8_000 });
});

test('of several lanes in trouble the first to try again counts', () => {
  const { delivered, read } = setUp();
  delivered(RETRY);
  delivered({ ...RETRY, lane: 'other', afterMs: 9_000 });
  expect(read().waitMs).toBe(4_000);
  delivered({ ...RETRY, lane: 'third', afterMs: 500 });
  expect(read().waitMs).toBe(500);
});

test.each([
  ['took', DONE],
  ['refused', { ...DONE, verdict: 'dead', reason: 'rejected', failure: 'invalid', status: 422 }],
] as const)('a message that SendX %s ends the trouble', (_, event) => {
  const { delivered, read, pass } = setUp();
  delivered(RETRY);
  pass(500);
  delivered(event);
  expect(read()).toEqual({ state: 'closed', answeredAt: 1_500, waitMs: 0 });
});

const MINUTE = 60_000;

test('a failure that nothing repeats is over soon, and the next is a trouble of its own', () => {
  const { delivered, read, pass } = setUp();
  const { afterMs: _, scope: __, ...cut } = RETRY;
  delivered({ ...cut, verdict: 'dead', reason: 'ambiguous' });
  pass(5 * MINUTE);
  expect(read()).toMatchObject({ trouble: { failure: 'unavailable', since: 1_000 } });
  pass(1);
  expect(read()).toEqual({ state: 'closed', waitMs: 0 });
  delivered(RETRY);
  expect(read()).toMatchObject({ trouble: { since: 1_001 + 5 * MINUTE } });
});

test('trouble lasts, and is one, while any lane of it is to be tried again', () => {
  const { delivered, read, pass } = setUp();
  delivered({ ...RETRY, afterMs: 60 * MINUTE });
  delivered({ ...RETRY, lane: 'other', afterMs: 0 });
  pass(60 * MINUTE);
  expect(read()).toMatchObject({ trouble: { since: 1_000 } });
  delivered({ ...RETRY, failure: 'timeout' });
  expect(read()).toMatchObject({ trouble: { failure: 'timeout', since: 1_000 } });
});

test('while every lane is held back, trouble lasts, and is one, whatever that takes', () => {
  const { delivered, read, pass, open } = setUp();
  open(60 * MINUTE);
  delivered({ ...RETRY, afterMs: 0 });
  pass(60 * MINUTE);
  delivered({ ...RETRY, afterMs: 0 });
  pass(600 * MINUTE);
  expect(read()).toMatchObject({ state: 'open', trouble: { since: 1_000 } });
});

test('a shutdown in the middle of an attempt is no trouble of SendX’s', () => {
  const { delivered, read } = setUp();
  const { status: _, ...cut } = RETRY;
  delivered({ ...cut, failure: 'aborted', afterMs: 0 });
  expect(read()).toEqual({ state: 'closed', waitMs: 0 });
});

test('while every lane is held back, the gate says until when, and why', () => {
  const { delivered, read, open } = setUp();
  delivered(RETRY);
  open(1500.4);
  expect(read()).toMatchObject({ state: 'open', reason: 'outage', waitMs: 1_500 });
});

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
  const gate = {
    state: () => state,
    reason: () => (state === 'closed' ? undefined : ('outage' as const)),
    waitMs: () => (state === 'open' ? 1500.4 : 0),
  };
  const watch = createUpstreamWatch(gate, () => now);
  return {
    ...watch,
    pass: (ms: number) => {
      now += ms;
    },
    open: () => {
      state = 'open';
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

test('a shutdown in the middle of an attempt is no trouble of SendX’s', () => {
  const { delivered, read } = setUp();
  const { status: _, ...cut } = RETRY;
  delivered({ ...cut, failure: 'aborted', afterMs: 0 });
  expect(read()).toEqual({ state: 'closed', waitMs: 0 });
});

test('while every lane is held back, the gate says until when, and why', () => {
  const { delivered, read, open } = setUp();
  delivered(RETRY);
  open();
  expect(read()).toMatchObject({ state: 'open', reason: 'outage', waitMs: 1_500 });
});

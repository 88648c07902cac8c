import { describe, expect, it } from 'vitest';
import { createCourier } from '../../../src/proxy/outbox/courier.ts';
import type { Gate } from '../../../src/proxy/outbox/outbox.ts';
import type { Flight, Source } from '../../../src/proxy/outbox/source.ts';
import { fakeClock } from './fakeClock.ts';
import { done, track } from './scripted.ts';

const PLACES = 4;

/** A gate that tells how many of its places are taken. */
function countingGate(): Gate & { taken(): number } {
  let taken = 0;
  let wake = () => {};
  const enter = async (signal: AbortSignal) => {
    while (taken === PLACES && !signal.aborted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener('abort', () => resolve());
      });
    }
    signal.throwIfAborted();
    taken += 1;
    return {
      leave() {
        taken -= 1;
        wake();
      },
    };
  };
  return { enter, taken: () => taken };
}

/** A store of one message that cannot be read the first `failures` times. */
function brokenStore(failures: number) {
  const seen = { reads: 0, released: 0, settled: 0 };
  let waiting = 1;
  const flight: Flight = {
    message: track('a'),
    lane: 'lane',
    storedAt: 0,
    attempt: 1,
    begin: async () => false,
    async release() {
      seen.released += 1;
    },
    async settle() {
      seen.settled += 1;
    },
  };
  const source: Source = {
    batch: PLACES,
    ready: (signal) =>
      new Promise((resolve) => {
        if (waiting > 0 || signal.aborted) return resolve();
        signal.addEventListener('abort', () => resolve());
      }),
    async take() {
      seen.reads += 1;
      if (seen.reads <= failures) throw new Error('disk I/O error');
      waiting -= 1;
      return [flight];
    },
  };
  return { seen, source };
}

describe('a store that cannot be read', () => {
  it('keeps no place at the gate meanwhile, and is delivered from once it can be', async () => {
    const clock = fakeClock();
    const { seen, source } = brokenStore(30);
    const gate = countingGate();
    const courier = createCourier(source, clock);
    const run = courier.run(async () => done, gate);
    for (let second = 1; second <= 30; second += 1) {
      await expect.poll(() => seen.reads).toBe(second);
      await expect.poll(gate.taken).toBe(0);
      clock.pass(1_000);
    }
    await expect.poll(() => seen.settled).toBe(1);
    await courier.close(0);
    await run;
    expect(gate.taken()).toBe(0);
  });

  it('ends the run after a minute, with what it said', async () => {
    const clock = fakeClock();
    const { seen, source } = brokenStore(Number.POSITIVE_INFINITY);
    const run = createCourier(source, clock).run(async () => done, countingGate());
    const ended = expect(run).rejects.toThrow('disk I/O error');
    for (let second = 1; second <= 60; second += 1) {
      await expect.poll(() => seen.reads).toBe(second);
      clock.pass(1_000);
    }
    await ended;
  });
});

it('gives back what was being taken when it closed', async () => {
  const { seen, source } = brokenStore(0);
  const gate = countingGate();
  let give = () => {};
  const slow: Source = {
    ...source,
    async take(most) {
      await new Promise<void>((resolve) => {
        give = resolve;
      });
      return source.take(most);
    },
  };
  const courier = createCourier(slow, fakeClock());
  void courier.run(async () => done, gate);
  await expect.poll(gate.taken).toBe(PLACES);
  const closed = courier.close(1_000);
  give();
  await closed;
  expect({ ...seen, taken: gate.taken() }).toEqual({ reads: 1, released: 1, settled: 0, taken: 0 });
});

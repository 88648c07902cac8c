import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createGate, type GateOptions } from '../../../src/proxy/delivery/gate.ts';
import type { Permit, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { createFakeClock, settled } from '../fakeClock.ts';

const DONE: Verdict = { kind: 'done' };
const REJECTED: Verdict = { kind: 'dead', reason: 'rejected' };
const AMBIGUOUS: Verdict = { kind: 'dead', reason: 'ambiguous' };
const STUCK: Verdict = { kind: 'retry', scope: 'message', afterMs: 10 };
const DOWN: Verdict = { kind: 'retry', scope: 'upstream', afterMs: 10 };

const setUp = (options: Partial<GateOptions> = {}) => {
  const clock = createFakeClock();
  const gate = createGate({ maxConcurrency: 4, clock, random: () => 1, ...options });
  const started: { readonly name: number; readonly at: number; readonly permit: Permit }[] = [];
  let names = 0;
  const enter = () => {
    const controller = new AbortController();
    const name = names++;
    gate.enter(controller.signal).then(
      (permit) => started.push({ name, at: clock.elapsed(), permit }),
      () => undefined,
    );
    return controller;
  };
  const enterMany = async (count: number) => {
    for (let index = 0; index < count; index += 1) enter();
    await settled();
  };
  /** Gives back the oldest permit that is held. */
  const leave = async (verdict: Verdict | undefined) => {
    started.shift()?.permit.leave(verdict);
    await settled();
  };
  return { clock, gate, started, enter, enterMany, leave };
};

describe('a gate', () => {
  it('lets in as many as may be in flight, and the next as one leaves', async () => {
    const { started, enterMany, leave } = setUp();
    await enterMany(6);
    expect(started.map(({ name }) => name)).toEqual([0, 1, 2, 3]);
    await leave(DONE);
    expect(started.map(({ name }) => name)).toEqual([1, 2, 3, 4]);
    await leave(undefined);
    expect(started.map(({ name }) => name)).toEqual([2, 3, 4, 5]);
  });

  it('takes a permit back once', async () => {
    const { started, enterMany } = setUp({ maxConcurrency: 1 });
    await enterMany(3);
    started[0]?.permit.leave(DONE);
    started[0]?.permit.leave(DONE);
    await settled();
    expect(started).toHaveLength(2);
  });

  it('spaces starts evenly under a rate', async () => {
    const { clock, started, enterMany } = setUp({ ratePerSecond: 4 });
    await enterMany(4);
    await clock.advance(2_000);
    expect(started.map(({ at }) => at)).toEqual([0, 250, 500, 750]);
  });

  it('saves up no starts while it is idle', async () => {
    const { clock, started, enterMany } = setUp({ ratePerSecond: 4 });
    await clock.advance(10_000);
    await enterMany(3);
    await clock.advance(300);
    expect(started.map(({ at }) => at)).toEqual([10_000, 10_250]);
  });

  it('rejects who gave up waiting, with the reason, and lets the next in', async () => {
    const { gate, started, enter, enterMany, leave } = setUp({ maxConcurrency: 1 });
    await enterMany(1);
    const quitter = enter();
    await enterMany(1);
    quitter.abort();
    await leave(DONE);
    expect(started.map(({ name }) => name)).toEqual([2]);
    const reason = new Error('closing');
    await expect(gate.enter(AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = gate.enter(controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe('a signal', () => {
  it('is let go of when its turn comes', async () => {
    const { gate } = setUp();
    const { signal } = new AbortController();
    await gate.enter(signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a circuit', () => {
  it('holds every lane for a cool-down, then lets one probe through', async () => {
    const { clock, gate, started, enterMany } = setUp();
    gate.trip('network');
    expect([gate.state(), gate.reason(), gate.waitMs()]).toEqual(['open', 'network', 1_000]);
    await enterMany(3);
    await clock.advance(999);
    expect(started).toHaveLength(0);
    await clock.advance(1);
    expect([gate.state(), gate.waitMs()]).toEqual(['half-open', 0]);
    await clock.advance(60_000);
    expect(started).toHaveLength(1);
  });

  it('opens by a verdict alone, for as long as it says', async () => {
    const { clock, gate, started, enterMany, leave } = setUp({ maxConcurrency: 1 });
    await enterMany(2);
    await leave({ kind: 'retry', scope: 'upstream', afterMs: 5_000 });
    expect([gate.state(), gate.reason(), gate.waitMs()]).toEqual(['open', undefined, 5_000]);
    await clock.advance(4_999);
    expect(started).toHaveLength(0);
    await clock.advance(1);
    expect(started).toHaveLength(1);
  });

  it('stays closed for a failure of one message', async () => {
    const { gate, started, enterMany, leave } = setUp({ maxConcurrency: 1 });
    await enterMany(4);
    await leave(STUCK);
    await leave(AMBIGUOUS);
    await leave(REJECTED);
    expect(gate.state()).toBe('closed');
    expect(started).toHaveLength(1);
  });

  it.each([
    ['an acceptance', DONE],
    ['a refusal', REJECTED],
  ])('closes by %s of the probe, and lets the herd in step by step', async (_, verdict) => {
    const { clock, gate, started, enterMany, leave } = setUp();
    gate.trip('outage');
    await enterMany(20);
    await clock.advance(1_000);
    const inFlight: number[] = [];
    for (let answers = 0; answers < 5; answers += 1) {
      await leave(verdict);
      inFlight.push(started.length);
    }
    expect(inFlight).toEqual([1, 2, 3, 4, 4]);
    expect([gate.state(), gate.reason()]).toEqual(['closed', undefined]);
  });

  it('cools down twice as long after each probe that finds SendX down, up to 60 s', async () => {
    const { clock, gate, enterMany, leave } = setUp();
    gate.trip('outage');
    const waits = [gate.waitMs()];
    await enterMany(20);
    for (let probes = 0; probes < 8; probes += 1) {
      await clock.advance(gate.waitMs());
      gate.trip('outage');
      await leave(DOWN);
      waits.push(gate.waitMs());
    }
    const seconds = waits.map((ms) => ms / 1_000);
    expect(seconds).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('cools down half of that at least, by chance', () => {
    const { gate } = setUp({ random: () => 0 });
    gate.trip('outage');
    expect(gate.waitMs()).toBe(500);
  });

  it('asks again after the same pause where the probe met a failure of its own', async () => {
    const { clock, gate, enterMany, leave } = setUp();
    gate.trip('rate_limited');
    await enterMany(4);
    for (let probes = 0; probes < 3; probes += 1) {
      await clock.advance(1_000);
      await leave(STUCK);
      expect([gate.state(), gate.waitMs()]).toEqual(['open', 1_000]);
    }
  });

  it('lets another probe through where the first found nothing to try', async () => {
    const { clock, gate, started, enterMany, leave } = setUp();
    gate.trip('outage');
    await enterMany(2);
    await clock.advance(1_000);
    await leave(undefined);
    expect(gate.state()).toBe('half-open');
    expect(started.map(({ name }) => name)).toEqual([1]);
  });

  it('obeys SendX’s time to the millisecond, the longest of several', async () => {
    const { clock, gate, enterMany, leave } = setUp();
    gate.trip('rate_limited', 90_000);
    expect(gate.waitMs()).toBe(90_000);
    gate.trip('rate_limited', 10_000);
    expect(gate.waitMs()).toBe(90_000);
    gate.trip('rate_limited', 120_000);
    await enterMany(1);
    await clock.advance(120_000);
    gate.trip('rate_limited', 3_000);
    await leave(DOWN);
    expect([gate.state(), gate.waitMs()]).toEqual(['open', 3_000]);
  });

  it('stays open as long as SendX said, though the probe got through', async () => {
    const { clock, gate, started, enterMany, leave } = setUp();
    await enterMany(1);
    gate.trip('outage');
    await enterMany(2);
    await clock.advance(1_000);
    gate.trip('rate_limited', 7_000);
    await leave(DOWN);
    await leave(DONE);
    expect([gate.state(), gate.waitMs(), started.length]).toEqual(['open', 7_000, 0]);
    await clock.advance(7_000);
    await leave(DONE);
    expect(gate.state()).toBe('closed');
  });

  it('is neither closed nor prolonged by what started before it opened', async () => {
    const { clock, gate, started, enterMany, leave } = setUp();
    await enterMany(4);
    gate.trip('network');
    await leave(DONE);
    await leave({ kind: 'retry', scope: 'upstream', afterMs: 50_000 });
    expect([gate.state(), gate.waitMs()]).toEqual(['open', 1_000]);
    await enterMany(2);
    await clock.advance(1_000);
    expect(started.map(({ name }) => name)).toEqual([2, 3, 4]);
  });

  it('remembers how bad it was until the herd is in', async () => {
    const { clock, gate, enterMany, leave } = setUp({ maxConcurrency: 2 });
    gate.trip('outage');
    await enterMany(20);
    await clock.advance(1_000);
    await leave(DONE);
    gate.trip('outage');
    expect(gate.waitMs()).toBe(2_000);
    await leave(DOWN);
    await clock.advance(2_000);
    await leave(DONE);
    await leave(DONE);
    gate.trip('outage');
    expect(gate.waitMs()).toBe(1_000);
  });
});

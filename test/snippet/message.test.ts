import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStamper } from '../../src/snippet/message.ts';
import { START } from './site.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('createStamper', () => {
  it('makes ids of time, tab and sequence', () => {
    const stamp = createStamper(
      () => START,
      () => 0.5,
    );
    expect(stamp()).toEqual({ id: `${START.toString(36)}-i-0`, at: START });
    expect(stamp()).toEqual({ id: `${(START + 1).toString(36)}-i-1`, at: START });
  });

  it.each([0, 0.1, 1e-17, 2 ** -53, 0.9999999999999999])(
    'fits the wire where random is %d',
    (random) => {
      const { id } = createStamper(
        () => START,
        () => random,
      )();
      expect(id).toMatch(/^[0-9a-z-]{1,64}$/);
    },
  );

  it('gives two tabs different ids at the same time', () => {
    const stampers = [0.123456789, 0.987654321].map((random) =>
      createStamper(
        () => START,
        () => random,
      ),
    );
    expect(new Set(stampers.map((stamp) => stamp().id)).size).toBe(2);
  });

  it('puts ids behind a time that another clock made, and the next ones behind those', () => {
    const stamp = createStamper(
      () => START,
      () => 0.5,
    );
    const ahead = START + DAY_MS;
    expect([stamp(ahead), stamp(), stamp(START)]).toEqual(
      [1, 2, 3].map((ms, each) => ({ id: `${(ahead + ms).toString(36)}-i-${each}`, at: START })),
    );
  });

  it('keeps ids in the order of calls while the clock jumps by days', () => {
    const jump = fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS });
    fc.assert(
      fc.property(fc.array(fc.option(jump, { nil: 0 }), { maxLength: 50 }), (jumps) => {
        let time = START;
        const stamp = createStamper(
          () => time,
          () => 0.5,
        );
        const stamps = jumps.map((ms) => {
          time += ms;
          return { expected: time, ...stamp() };
        });
        const ids = stamps.map(({ id }) => id);
        expect([...ids].sort()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { at, expected } of stamps) expect(at).toBe(expected);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { repeat } from '../../../src/proxy/outbox/repeat.ts';
import { createFakeClock } from '../fakeClock.ts';

describe('repeat', () => {
  it('counts the time from the end of a run, and goes on after one that failed', async () => {
    const clock = createFakeClock();
    const runs: number[] = [];
    repeat(clock, 100, async () => {
      runs.push(clock.now());
      if (runs.length === 1) throw new Error('away');
      await new Promise<void>((resolve) => clock.after(30, resolve));
    });
    await clock.advance(330);
    expect(runs).toEqual([100, 200, 330]);
  });

  it('runs no more once it is stopped, and tells the run under way', async () => {
    const clock = createFakeClock();
    const runs: AbortSignal[] = [];
    let end = () => {};
    const stop = repeat(clock, 100, (stopped) => {
      runs.push(stopped);
      return new Promise((resolve) => {
        end = resolve;
      });
    });
    await clock.advance(100);
    expect(runs[0]?.aborted).toBe(false);
    stop();
    expect(runs[0]?.aborted).toBe(true);
    end();
    await clock.advance(1_000);
    expect(runs).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMemoryRate, unlimited } from '../../../src/proxy/policy/rate.ts';

// The limiter reads Date.now and sets timers itself; it takes no clock.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createMemoryRate', () => {
  test('lets so many pass a minute and tells how long to wait', async () => {
    const rate = createMemoryRate(2);
    expect(await rate('a')).toBeUndefined();
    vi.advanceTimersByTime(10_000);
    expect(await rate('a')).toBeUndefined();
    expect(await rate('a')).toEqual({ waitMs: 50_000, limit: 2, windowSeconds: 60 });
    expect(await rate('b')).toBeUndefined();
    vi.advanceTimersByTime(50_000);
    expect(await rate('a')).toBeUndefined();
  });

  test('counts several further ones at once', async () => {
    const rate = createMemoryRate(5);
    expect(await rate('a')).toBeUndefined();
    expect(await rate('a', 3)).toBeUndefined();
    expect(await rate('a', 3)).toMatchObject({ limit: 5 });
  });

  test.each([1, 2, 5])(
    'lets more pass than a limit of %i holds, where none came before',
    async (limit) => {
      const rate = createMemoryRate(limit);
      expect(await rate('a')).toBeUndefined();
      expect(await rate('a', 100)).toBeUndefined();
      expect(await rate('a')).toMatchObject({ limit });
    },
  );

  test('0 is no limit', () => {
    expect(createMemoryRate(0)).toBe(unlimited);
  });

  test('a flood of keys shares a bounded number of budgets', async () => {
    const rate = createMemoryRate(1, Date.now, 100);
    const timers = vi.getTimerCount();
    let refused = 0;
    for (let key = 0; key < 20_000; key += 1) if (await rate(`key ${key}`)) refused += 1;
    // One timer a key: the 100 first ones, and 4,096 shared budgets.
    expect(vi.getTimerCount() - timers).toBeLessThanOrEqual(4196);
    expect(refused).toBeGreaterThanOrEqual(20_000 - 4196);
  });

  test('a key known before the flood keeps its own budget', async () => {
    const rate = createMemoryRate(2, Date.now, 1);
    expect(await rate('early')).toBeUndefined();
    for (let key = 0; key < 10_000; key += 1) await rate(`key ${key}`);
    expect(await rate('early')).toBeUndefined();
    expect(await rate('early')).toBeDefined();
  });

  test('forgets the flood within two minutes', async () => {
    const rate = createMemoryRate(1, Date.now, 1);
    await rate('flood');
    await rate('late');
    vi.advanceTimersByTime(120_000);
    expect(await rate('late')).toBeUndefined();
    expect(vi.getTimerCount()).toBe(1);
  });
});

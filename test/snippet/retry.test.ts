import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advise, backoff, MAX_PAUSE_MS, retryAfter } from '../../src/snippet/retry.ts';
import { START } from './site.ts';

describe('advise', () => {
  it.each([
    [0, 'retry', 'nobody answered'],
    [200, 'retry', 'a captive portal'],
    [202, 'retry', 'a receipt that does not name all'],
    [204, 'retry', 'no receipt'],
    [304, 'retry', 'no receipt'],
    [408, 'retry', 'Request Timeout'],
    [425, 'retry', 'Too Early'],
    [429, 'retry', 'Too Many Requests'],
    [500, 'retry', 'Internal Server Error'],
    [502, 'retry', 'Bad Gateway'],
    [503, 'retry', 'Service Unavailable'],
    [504, 'retry', 'Gateway Timeout'],
    [599, 'retry', 'any other fault of a server'],
    [401, 'stop', 'Unauthorized'],
    [403, 'stop', 'an origin that is not allowed'],
    [404, 'stop', 'a wrong endpoint'],
    [413, 'split', 'Content Too Large'],
    [400, 'drop', 'not JSON'],
    [405, 'drop', 'Method Not Allowed'],
    [410, 'drop', 'Gone'],
    [415, 'drop', 'Unsupported Media Type'],
    [422, 'drop', 'no envelope'],
    [499, 'drop', 'any other fault of the request'],
  ] as const)('takes %i for %s: %s', (status, advice, _meaning) => {
    expect(advise(status)).toBe(advice);
  });
});

describe('backoff', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [5_000, 60_000],
  ])('waits after %i failures at most %i ms', (failures, most) => {
    expect(backoff(failures, 0)).toBe(0);
    expect(backoff(failures, 0.25)).toBe(most / 4);
    expect(backoff(failures, 1)).toBe(most);
  });

  it('never waits longer than a minute and never a negative time', () => {
    const failures = fc.integer({ min: 1, max: 1e6 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(failures, random, (count, value) => {
        const ms = backoff(count, value);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(60_000);
      }),
    );
  });
});

describe('retryAfter', () => {
  it.each([
    ['120', 120_000],
    ['1', 1_000],
    ['0', 0],
    ['-5', 0],
    ['', 0],
    [null, 0],
    ['soon', 0],
    ['Mon, 24 Nov 2025 03:41:00 GMT', 60_000],
    ['Mon, 24 Nov 2025 03:39:00 GMT', 0],
    // Servers that mean "never", and clocks that are years off.
    ['86400', MAX_PAUSE_MS],
    ['Infinity', MAX_PAUSE_MS],
    ['Fri, 24 Nov 2045 03:41:00 GMT', MAX_PAUSE_MS],
  ])('reads %j as %i ms', (header, ms) => {
    expect(retryAfter(header, START)).toBe(ms);
  });

  it('reads whatever stands there as a pause between nothing and an hour', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 2 * START }), (header, now) => {
        const ms = retryAfter(header, now);
        expect(ms >= 0 && ms <= MAX_PAUSE_MS).toBe(true);
      }),
    );
  });
});

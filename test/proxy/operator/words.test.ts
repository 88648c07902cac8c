import { expect, test } from 'vitest';
import { createWords } from '../../../src/proxy/operator/words.ts';

const HOUR = 60 * 60 * 1000;
/** Five past midnight, here. */
const AT = new Date(2026, 0, 2, 0, 5, 9).getTime();

test('the hour after midnight is the first of the day', () => {
  expect(createWords(() => AT + HOUR).time(AT)).toBe('00:05:09');
});

test.each([
  [19, false],
  [-1, false],
  [20, true],
  [7 * 24, true],
])('%i hours later a time has its date: %s', (hours, hasDate) => {
  const said = createWords(() => AT + hours * HOUR).time(AT);
  expect(said).toContain('00:05:09');
  expect(/Jan/.test(said)).toBe(hasDate);
});

test.each([
  [0, '0 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('%i ms are %s', (ms, said) => {
  expect(createWords().age(ms)).toBe(said);
});

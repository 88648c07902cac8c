import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { increase, isDecimal, parseIncrement } from '../../src/emulator/increment.ts';

function add(stored: string, sent: string): string | undefined {
  const increment = parseIncrement(sent);
  return increment && increase(stored, increment);
}

describe('increase', () => {
  test.each([
    ['0.1', '++0.2', '0.3'],
    ['29', '++1', '30'],
    ['29', '--30', '-1'],
    ['-5', '++5', '0'],
    ['0', '--0', '0'],
    ['1.50', '++0.50', '2'],
    ['1.05', '--0.1', '0.95'],
    ['-0.3', '++0.1', '-0.2'],
    ['+7', '++1', '8'],
    ['007', '++01', '8'],
    ['9007199254740993', '++1', '9007199254740994'],
    ['0.000000000000000000001', '++1', '1.000000000000000000001'],
  ])('%s and %s make %s', (stored, sent, result) => {
    expect(add(stored, sent)).toBe(result);
  });

  // Tenths of thousandths as whole numbers: an independent way to the same sum.
  const decimal = fc.integer({ min: -99_999_999, max: 99_999_999 });
  const text = (units: number) => {
    const digits = String(Math.abs(units)).padStart(5, '0');
    return `${units < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
  };

  test('sums exactly and in any order', () => {
    fc.assert(
      fc.property(decimal, fc.array(decimal, { maxLength: 20 }), (start, steps) => {
        const signed = steps.map((units) => (units < 0 ? `--${text(-units)}` : `++${text(units)}`));
        const walk = (order: readonly string[]) =>
          [...order, '++0'].reduce((value, step) => add(value, step) ?? 'NaN', text(start));
        const sum = steps.reduce((total, units) => total + units, start);
        expect(walk(signed)).toBe(text(sum).replace(/\.?0+$/, ''));
        expect(walk(signed.toReversed())).toBe(walk(signed));
      }),
    );
  });
});

test.each([
  '5',
  '+5',
  '-5',
  '++',
  '--',
  '++x',
  '++ 5',
  '++5 ',
  '+++5',
  '++1.',
  '++.5',
  '++1e3',
  '',
])('"%s" is not an increment', (value) => {
  expect(parseIncrement(value)).toBeUndefined();
});

test('a number too long for a field is none', () => {
  const digits = '9'.repeat(256);
  expect(parseIncrement(`++${digits}`)).toBeUndefined();
  expect(isDecimal(digits)).toBe(false);
  expect(isDecimal(digits.slice(1))).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { createAllowList, patternFault } from '../../../src/proxy/policy/allowList.ts';

describe('createAllowList', () => {
  const list = createAllowList(['Newsletter', 'viewed-*', 'plan *', 'größe']);

  test.each([
    ['Newsletter', 'Newsletter'],
    ['newsletter', 'Newsletter'],
    ['  NEWSLETTER ', 'Newsletter'],
    ['news\u200bletter', 'Newsletter'],
    ['news\u00adletter', 'Newsletter'],
    ['\u202eNewsletter', 'Newsletter'],
    ['\uff2eewsletter', 'Newsletter'],
    ['New\u0000sletter', 'Newsletter'],
    ['New\u0001sletter', undefined],
    ['viewed-pricing', 'viewed-pricing'],
    ['VIEWED-Pricing', 'VIEWED-Pricing'],
    ['viewed-', 'viewed-'],
    ['viewed', undefined],
    ['plan a', 'plan a'],
    ['plan\t a', 'plan a'],
    ['planet', undefined],
    ['GRÖSSE', 'größe'],
    ['gro\u0308ße', 'größe'],
    ['gro\u200b\u0308ße', 'größe'],
    ['viewed-cafe\u200b\u0301', 'viewed-caf\u00e9'],
    ['paid user', undefined],
    // Cyrillic letters that look like Latin ones.
    ['n\u0435wsletter', undefined],
    ['vi\u0435wed-x', undefined],
    ['', undefined],
    [' \u200b ', undefined],
    ['newsletter2', undefined],
  ])('finds %j as %j', (name, expected) => {
    expect(list.find(name)).toBe(expected);
  });

  test('a star alone lists every name but an empty one', () => {
    const any = createAllowList(['*']);
    expect(any.find('whatever  it is')).toBe('whatever it is');
    expect(any.find(' ')).toBeUndefined();
  });

  test('lists nothing without patterns', () => {
    expect(createAllowList([]).find('newsletter')).toBeUndefined();
  });

  test('no name turns into a property of every object', () => {
    expect(createAllowList(['a']).find('__proto__')).toBeUndefined();
    expect(createAllowList(['a']).find('constructor')).toBeUndefined();
  });
});

test.each([
  ['newsletter', true],
  ['viewed-*', true],
  ['*', true],
  ['a*b', false],
  ['**', false],
  ['*b', false],
  ['\u200b', false],
])('a pattern %j is well formed: %s', (pattern, expected) => {
  expect(patternFault(pattern) === undefined).toBe(expected);
});

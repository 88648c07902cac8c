import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  comesFromScript,
  createOriginPolicy,
  parseOrigin,
} from '../../../src/proxy/http/origin.ts';

describe('parseOrigin', () => {
  test.each([
    ['https://www.example.com', 'https://www.example.com'],
    ['https://WWW.Example.com/', 'https://www.example.com'],
    ['https://www.example.com:443', 'https://www.example.com'],
    ['https://www.example.com:8443', 'https://www.example.com:8443'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['https://*.example.com', 'https://*.example.com'],
    ['https://*.example.com:8443', 'https://*.example.com:8443'],
  ])('reads %s', (text, origin) => {
    expect(parseOrigin(text)).toEqual({ origin });
  });

  test.each([
    'www.example.com',
    '*',
    'null',
    'https://*',
    'https://*.com',
    'https://*.*.example.com',
    'https://www.*.com',
    'https://example.com/path',
    'https://user@example.com',
    'https://example.com?x',
    'ftp://example.com',
    'https://*.1.2.3',
    '',
  ])('finds a fault in "%s"', (text) => {
    expect(parseOrigin(text)).toHaveProperty('fault');
  });
});

describe('createOriginPolicy', () => {
  const isAllowed = createOriginPolicy([
    'https://www.example.com',
    'http://localhost:3000',
    'https://*.shop.example',
    'https://*.ports.example:8443',
  ]);

  test.each([
    'https://www.example.com',
    'http://localhost:3000',
    'https://a.shop.example',
    'https://a.b.shop.example',
    'https://a.ports.example:8443',
  ])('allows %s', (origin) => {
    expect(isAllowed(origin)).toBe(true);
  });

  test.each([
    undefined,
    '',
    'null',
    'http://www.example.com',
    'https://example.com',
    'https://www.example.com.evil.io',
    'https://www.example.com:8443',
    'https://www.example.com/',
    'https://www.example.com, https://evil.io',
    'https://evilwww.example.com',
    'http://localhost',
    'http://localhost:3001',
    'https://shop.example',
    'https://evilshop.example',
    'https://.shop.example',
    'https://a..shop.example',
    'https://evil.io/.shop.example',
    'https://evil.io#.shop.example',
    'https://user@evil.shop.example',
    'https://evil.io:1.shop.example',
    'http://a.shop.example',
    'https://a.shop.example:444',
    'https://a.ports.example',
  ])('refuses %s', (origin) => {
    expect(isAllowed(origin)).toBe(false);
  });

  test('refuses whatever differs from an exact origin in any character', () => {
    const allowed = 'https://www.example.com';
    const only = createOriginPolicy([allowed]);
    const mutation = fc
      .tuple(fc.nat(allowed.length), fc.nat(3), fc.string({ unit: 'grapheme', maxLength: 4 }))
      .map(([at, cut, text]) => allowed.slice(0, at) + text + allowed.slice(at + cut));
    fc.assert(
      fc.property(mutation, (origin) => {
        expect(only(origin)).toBe(origin === allowed);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('comesFromScript', () => {
  const none = { site: undefined, mode: undefined, dest: undefined };
  test.each([
    [none, true],
    [{ site: 'cross-site', mode: 'cors', dest: 'empty' }, true],
    [{ site: 'same-origin', mode: 'cors', dest: 'empty' }, true],
    [{ site: 'cross-site', mode: 'no-cors', dest: 'empty' }, true],
    [{ ...none, site: 'cross-site' }, true],
    [{ site: 'cross-site', mode: 'navigate', dest: 'document' }, false],
    [{ ...none, mode: 'navigate' }, false],
    [{ site: 'cross-site', mode: 'no-cors', dest: 'image' }, false],
    [{ ...none, dest: 'iframe' }, false],
    [{ site: 'none', mode: 'cors', dest: 'empty' }, false],
  ])('%j is %s', (metadata, expected) => {
    expect(comesFromScript(metadata)).toBe(expected);
  });
});

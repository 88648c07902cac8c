import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEmail } from '../../../src/proxy/validation/email.ts';

describe('parseEmail', () => {
  test.each([
    ['jane@example.com', 'jane@example.com'],
    ['  Jane@Example.COM\n', 'jane@example.com'],
    ['jane.doe+tag@sub.example.co.uk', 'jane.doe+tag@sub.example.co.uk'],
    ["o'hara@example.ie", "o'hara@example.ie"],
    ['jürgen@exämple.de', 'jürgen@exämple.de'],
    ['a@b.co', 'a@b.co'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('reads %j', (text, email) => {
    expect(parseEmail(text)).toBe(email);
  });

  test.each([
    '',
    'jane',
    '@example.com',
    'jane@',
    'jane@localhost',
    'jane@example..com',
    'jane@-example.com',
    'jane@example-.com',
    '.jane@example.com',
    'jane.@example.com',
    'ja..ne@example.com',
    'ja ne@example.com',
    'jane@exam ple.com',
    'jane@example.com, joe@example.com',
    'jane@example.com\r\nBcc: joe@example.com',
    'jane@a@example.com',
    '"jane"@example.com',
    '<jane@example.com>',
    'jane\u0000@example.com',
    'jane@[127.0.0.1]',
    `${'a'.repeat(65)}@example.com`,
    `jane@${'a'.repeat(64)}.com`,
    `jane@${'a.'.repeat(126)}com`,
  ])('refuses %j', (text) => {
    expect(parseEmail(text)).toBeUndefined();
  });

  test('is a fixed point of itself', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const email = parseEmail(address);
        if (email !== undefined) expect(parseEmail(email)).toBe(email);
      }),
    );
  });

  test('answers at once whatever it is given', () => {
    const evil = ['a', '.', '@', '-', 'a.', 'a@', '@a.', 'a-', 'é'].map((text) =>
      text.repeat(30_000),
    );
    const started = performance.now();
    for (const text of evil) parseEmail(text);
    for (const text of evil) parseEmail(`a@${text.slice(0, 250)}`);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

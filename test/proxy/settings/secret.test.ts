import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createSecret } from '../../../src/proxy/settings/secret.ts';

const secret = createSecret('canary-value');

test.each([
  ['String()', () => String(secret)],
  ['a template', () => `${secret}`],
  ['JSON', () => JSON.stringify({ secret })],
  ['inspect', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
  ['its keys and values', () => JSON.stringify(Object.entries(secret))],
  ['an error', () => String(new Error(`failed with ${secret}`).stack)],
])('%s shows a mask', (_, show) => {
  expect(show()).not.toContain('canary-value');
});

test('only reveal tells it', () => {
  expect(secret.reveal()).toBe('canary-value');
});

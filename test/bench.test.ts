import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { derive } from './bench/publish.ts';

const ROOT = new URL('..', import.meta.url).pathname;

describe.each(['snippet', 'proxy'] as const)('what the bench of the %s found', (name) => {
  it.each(derive(name))('is what $path shows', ({ path, text }) => {
    expect(readFileSync(ROOT + path, 'utf8')).toBe(text);
  });
});

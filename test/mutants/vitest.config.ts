import { defineConfig } from 'vitest/config';

// Only what gives the same answer every time, and soon: a random visit or an outage in real time
// that misses a mutant today and kills it tomorrow would make of the score a guess.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/snippet/*.test.ts', 'test/proxy/**/{policy,delivery}.test.ts'],
    exclude: ['test/snippet/{ordeal.model,types}.test.ts'],
    testTimeout: 20_000,
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{bench,mutants}/**'],
    testTimeout: 20_000,
    // A thread starts in less than a process, and each file gets one of its own.
    pool: 'threads',
    // One more than the cores: the longest tests are those that wait.
    maxWorkers: 1 + availableParallelism(),
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{bench,mutants}/**'],
    testTimeout: 20_000,
    // A thread starts in less than a process, and what one file imported serves the next: alone, half
    // of a short file's time is its imports. No file leaves anything behind in a module.
    pool: 'threads',
    isolate: false,
    // The longest tests are those that wait: for leases, for outages, for programs.
    maxWorkers: 2 * availableParallelism(),
  },
});

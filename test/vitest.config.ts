import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{bench,mutants}/**'],
    testTimeout: 20_000,
    // A thread starts in less than a process, and the next file in it finds what the last imported,
    // which is half of a short file's time. So a file takes back what it changes outside itself.
    pool: 'threads',
    isolate: false,
    // The longest tests are those that wait: for leases, for outages, for programs.
    maxWorkers: Math.min(8, 2 * availableParallelism()),
  },
});

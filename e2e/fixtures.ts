import { test as base, expect } from 'playwright/test';
import { type Pipeline, startPipeline } from './pipeline.ts';

/** What a test of the pipeline works with. */
export interface Fixtures {
  /** An address that no other test uses. */
  readonly email: string;
  /** Waits until SendX has received so many calls for a contact, then tells them in short. */
  readonly arrivals: (count: number, email?: string) => Promise<readonly string[]>;
}

let visitors = 0;

/** Tests with a pipeline of their worker; the link is clear at each start. */
export const test = base.extend<Fixtures & { clear: undefined }, { pipeline: Pipeline }>({
  pipeline: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const pipeline = await startPipeline();
      await use(pipeline);
      await pipeline.close();
    },
    { scope: 'worker' },
  ],
  clear: [
    async ({ pipeline }, use) => {
      pipeline.link.clear();
      await use(undefined);
    },
    { auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  email: async ({}, use, info) => {
    await use(`visitor-${info.workerIndex}-${++visitors}@example.com`);
  },
  arrivals: async ({ pipeline, email }, use) => {
    await use(async (count, whose = email) => {
      await expect
        .poll(() => pipeline.received(whose).length, { timeout: 15_000 })
        .toBeGreaterThanOrEqual(count);
      return pipeline.received(whose).map(({ path, body }) => {
        const { addTags, removeTags, tags } = body as Record<string, string[] | undefined>;
        return [path.split('/').pop(), addTags ?? tags, removeTags && `-${removeTags}`]
          .filter(Boolean)
          .join(' ');
      });
    });
  },
});

export { expect };

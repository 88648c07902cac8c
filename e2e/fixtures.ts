import { test as base, expect, type Page } from 'playwright/test';
import { type Pipeline, startPipeline } from './pipeline.ts';

/** What a test of the pipeline works with. */
export interface Fixtures {
  /** An address that no other test uses. */
  readonly email: string;
  /** Waits until SendX has received so many calls for a contact, then tells them in short. */
  readonly arrivals: (count: number, email?: string) => Promise<readonly string[]>;
  /** Waits until nothing is stored for SendX any more but who the visitor is. */
  readonly settled: (page: Page) => Promise<void>;
  /** What the browser console showed in red, on any page of the visitor. */
  readonly complaints: readonly string[];
}

let visitors = 0;

/** Storage keys of ours that a page holds. */
export const storedKeys = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('sendx:')));

/** Tests with a pipeline of their worker; the link is clear at each start. */
export const test = base.extend<Fixtures & { clear: undefined }, { pipeline: Pipeline }>({
  pipeline: [
    // Playwright reads the pattern to know what a fixture needs, so there has to be one.
    async ({ browserName: _ }, use) => {
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
  email: async ({ browserName: _ }, use, info) => {
    await use(`visitor-${info.workerIndex}-${++visitors}@example.com`);
  },
  arrivals: async ({ pipeline, email }, use) => {
    await use(async (count, whose = email) => {
      await expect
        .poll(() => pipeline.received(whose).length, { timeout: 15_000, intervals: [50] })
        .toBeGreaterThanOrEqual(count);
      return pipeline.received(whose).map(({ path, body }) => {
        const { addTags, removeTags, tags } = body as Record<string, string[] | undefined>;
        return [path.split('/').pop(), addTags ?? tags, removeTags && `-${removeTags}`]
          .filter(Boolean)
          .join(' ');
      });
    });
  },
  settled: async ({ browserName: _ }, use) => {
    await use((page) =>
      expect
        .poll(() => storedKeys(page), { timeout: 15_000, intervals: [50] })
        .toEqual(['sendx:identity']),
    );
  },
  complaints: async ({ context }, use) => {
    const complaints: string[] = [];
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await use(complaints);
  },
});

export { expect };

import { test as base, expect, type Page, type PlaywrightWorkerArgs } from 'playwright/test';
import { type DemoProcess, startDemo } from './demoProcess.ts';
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

/**
 * What all tests of a worker share, started by the first that asks. Tests with other fixtures of
 * workers get other workers and browsers: these stand in one place, whoever needs them.
 */
export interface WorkerFixtures {
  /** Allows every tag and every name of the site. */
  readonly pipeline: Pipeline;
  /** Allows one tag and one field, and knows an identity secret. */
  readonly strict: Pipeline;
  readonly demo: DemoProcess;
}

let visitors = 0;

/** Storage keys of ours that a page holds. */
export const storedKeys = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('sendx:')));

function ofWorker<Thing>(
  start: () => Promise<Thing>,
  end: (thing: Thing) => Promise<unknown>,
): [
  (parts: PlaywrightWorkerArgs, use: (thing: Thing) => Promise<void>) => void,
  { scope: 'worker' },
] {
  return [
    // Playwright reads the pattern to know what a fixture needs, so there has to be one.
    async ({ playwright: _ }, use) => {
      const thing = await start();
      await use(thing);
      await end(thing);
    },
    { scope: 'worker' },
  ];
}

/** Tests with a pipeline of their worker; the link is clear at each start. */
export const test = base.extend<Fixtures & { clear: undefined }, WorkerFixtures>({
  pipeline: ofWorker(startPipeline, (pipeline) => pipeline.close()),
  strict: ofWorker(
    () =>
      startPipeline({
        ALLOWED_TAGS: 'newsletter',
        ALLOWED_FIELDS: 'Plan',
        IDENTITY_SECRETS: 'a-secret-of-thirty-two-characters',
      }),
    (pipeline) => pipeline.close(),
  ),
  demo: ofWorker(startDemo, (demo) => demo.interrupt()),
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
        .poll(() => storedKeys(page).catch(String), { timeout: 15_000, intervals: [50] })
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

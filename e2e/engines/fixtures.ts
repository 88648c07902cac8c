import type { BrowserName } from '../findBrowser.ts';
import { test as base, expect } from '../fixtures.ts';
import { CALM, CONTACT, IN_ORDER, lastWord } from './calls.ts';
import type { Engine, Tab } from './engine.ts';
import { openEngine } from './openEngine.ts';
import { timesShown } from './shown.ts';

/** What a scenario works with, whichever the engine. */
export interface Scenario {
  /** Where this visitor alone goes: an origin, and so a storage, of its own. */
  readonly origin: string;
  readonly tab: Tab;
  /** Waits until an expression has this value in the tab's page. */
  readonly shows: (tab: Tab, expression: string, value: unknown) => Promise<void>;
  /** Waits until a page that tells was shown so often; ` from the cache` may stand behind the path. */
  readonly shown: (path: string, times?: number) => Promise<void>;
  /** Waits until the script has taken over from its stub. */
  readonly ready: (tab: Tab) => Promise<void>;
  /**
   * Goes to a page that holds the snippet, or this in its stead, and waits until the script has taken
   * over from its stub.
   */
  readonly enter: (tab: Tab, page?: string) => Promise<void>;
  /** Waits until nothing is stored for SendX any more but who the visitor is. */
  readonly emptied: (tab: Tab) => Promise<void>;
  /**
   * That this arrived, in order, once: the tab's page keeps nothing any more, and its last word comes
   * right behind.
   */
  readonly arrivedOnce: (tab: Tab, said: readonly string[]) => Promise<void>;
  /**
   * That the standard calls of the tab's page arrived as they were said, once, without an error in
   * the page. The last word has a later page, a plain one.
   */
  readonly intact: (tab: Tab) => Promise<void>;
}

/** Storage keys of ours that a page holds. */
export const KEYS = `Object.keys(localStorage).filter((key) => key.startsWith('sendx:'))`;

const PATIENCE = { timeout: 15_000, intervals: [50] };

/** Tests with the engine of their project, started once for each worker. */
export const test = base.extend<Scenario, { engine: Engine; home: { tab?: Tab | undefined } }>({
  engine: [
    async ({ browserName }, use) => {
      const engine = await openEngine(browserName as BrowserName);
      await use(engine);
      await engine.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  // The same for all tests of a worker, as long as they pass: to open one takes as long as a test.
  home: [async ({ browserName: _ }, use) => use({}), { scope: 'worker' }],
  origin: async ({ email, pipeline }, use) => {
    await use(pipeline.pages.at(email.split('@')[0] ?? ''));
  },
  tab: async ({ engine, home }, use, info) => {
    home.tab ??= await engine.open();
    await use(home.tab);
    if (info.status !== info.expectedStatus) home.tab = undefined;
    await engine.sweep(home.tab);
    // What its page has to say is said before the next test.
    await home.tab?.visit('about:blank');
  },
  shows: async ({ browserName: _ }, use) => {
    await use((tab, expression, value) =>
      // A page that goes while it is asked answers with an error: the next one is asked again.
      expect.poll(() => tab.run(expression).catch(String), PATIENCE).toEqual(value),
    );
  },
  shown: async ({ origin, pipeline }, use) => {
    await use((path, times = 1) =>
      expect.poll(() => timesShown(pipeline.pages, origin + path), PATIENCE).toBe(times),
    );
  },
  ready: async ({ shows }, use) => {
    await use((tab) => shows(tab, '!!window.sendx && !Array.isArray(sendx.q)', true));
  },
  enter: async ({ origin, pipeline, ready }, use) => {
    const { pages, install } = pipeline;
    await use(async (tab, page = install.head) => {
      pages.set('/shop', page);
      await tab.visit(`${origin}/shop`);
      await ready(tab);
    });
  },
  emptied: async ({ shows }, use) => {
    await use((tab) => shows(tab, KEYS, ['sendx:identity']));
  },
  arrivedOnce: async ({ arrivals, emptied }, use) => {
    await use(async (tab, said) => {
      await emptied(tab);
      await tab.run(lastWord('last'));
      expect(await arrivals(said.length + 1)).toEqual([...said, 'track last']);
    });
  },
  intact: async ({ origin, pipeline, email, arrivals, arrivedOnce }, use) => {
    await use(async (tab) => {
      const { pages, install, emulator } = pipeline;
      await arrivals(3);
      expect(await tab.run(CALM)).toBe(true);
      pages.set('/plain', install.head);
      await tab.visit(`${origin}/plain`);
      await tab.run("sendx('flush')");
      // What is still stored went again, and is known by its ids.
      await arrivedOnce(tab, IN_ORDER);
      expect(emulator.contact(email)).toMatchObject({
        ...CONTACT,
        tags: [...CONTACT.tags, 'last'],
      });
    });
  },
});

export { expect };

import type { BrowserName } from '../findBrowser.ts';
import { test as base, expect } from '../fixtures.ts';
import type { Engine, Tab } from './engine.ts';
import { openEngine } from './openEngine.ts';

/** What a scenario works with, whichever the engine. */
export interface Scenario {
  /** Where this visitor alone goes: an origin, and so a storage, of its own. */
  readonly origin: string;
  readonly tab: Tab;
  /** Waits until the page with this title is there. */
  readonly shows: (tab: Tab, title: string) => Promise<void>;
  /** Waits until nothing is stored for SendX any more but who the visitor is. */
  readonly emptied: (tab: Tab) => Promise<void>;
}

/** Storage keys of ours that a page holds. */
export const KEYS = `Object.keys(localStorage).filter((key) => key.startsWith('sendx:'))`;

/** Tests with the engine of their project, started once for each worker. */
export const test = base.extend<Scenario, { engine: Engine }>({
  engine: [
    async ({ browserName }, use) => {
      const engine = await openEngine(browserName as BrowserName);
      await use(engine);
      await engine.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  origin: async ({ email, pipeline }, use) => {
    await use(pipeline.pages.at(email.split('@')[0] ?? ''));
  },
  tab: async ({ engine }, use) => {
    await use(await engine.open());
    await engine.sweep();
  },
  shows: async ({ browserName: _ }, use) => {
    await use((tab, title) =>
      // A page that goes takes the question along.
      expect.poll(() => tab.run('document.title').catch(() => ''), { timeout: 15_000 }).toBe(title),
    );
  },
  emptied: async ({ browserName: _ }, use) => {
    await use((tab) =>
      expect.poll(() => tab.run(KEYS), { timeout: 15_000 }).toEqual(['sendx:identity']),
    );
  },
});

export { expect };

import { type BrowserType, chromium, firefox, type LaunchOptions, webkit } from 'playwright';
import { type BrowserName, findBrowser, findWholeChromium } from '../findBrowser.ts';
import type { Engine, Tab } from './engine.ts';

const TYPES: Readonly<Record<BrowserName, BrowserType>> = { chromium, firefox, webkit };

const OPTIONS: Readonly<Record<BrowserName, () => LaunchOptions>> = {
  // The headless shell has no back/forward cache, and Playwright turns it off.
  chromium: () => ({
    ...findWholeChromium(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  }),
  firefox: () => findBrowser('firefox') ?? {},
  webkit: () => ({}),
};

const PRODUCTS = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' };

/** Starts a browser that Playwright drives. */
export async function startPlaywrightEngine(name: BrowserName): Promise<Engine> {
  const browser = await TYPES[name].launch(OPTIONS[name]());
  const context = await browser.newContext();
  return {
    version: `${PRODUCTS[name]} ${browser.version()}`,
    async open(): Promise<Tab> {
      const page = await context.newPage();
      return {
        async visit(address) {
          await page.goto(address, { waitUntil: 'domcontentloaded' });
        },
        run: (expression) => page.evaluate(expression),
        click: (selector) => page.locator(selector).first().click(),
        type: (selector, text) => page.locator(selector).pressSequentially(text),
        close: () => page.close(),
      };
    },
    async sweep() {
      await Promise.all(context.pages().map((page) => page.close()));
    },
    close: () => browser.close(),
  };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BrowserType,
  chromium,
  firefox,
  type LaunchOptions,
  type Page,
  webkit,
} from 'playwright';
import { type BrowserName, findBrowser, findWholeChromium } from '../findBrowser.ts';
import { contentProcesses, kill } from './contentProcesses.ts';
import type { Engine, Tab } from './engine.ts';

/** Playwright has Firefox end with the first process of a page that crashes; this one lives on. */
function crashProof(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sendx-firefox-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'firefox');
  const text = `#!/bin/sh\nunset MOZ_CRASHREPORTER_SHUTDOWN\nexec '${program}' "$@"\n`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

const TYPES: Readonly<Record<BrowserName, BrowserType>> = { chromium, firefox, webkit };

const OPTIONS: Readonly<Record<BrowserName, () => LaunchOptions>> = {
  // The headless shell has no back/forward cache, and Playwright turns it off.
  chromium: () => ({
    ...findWholeChromium(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  }),
  firefox: () => {
    const found = findBrowser('firefox') ?? {};
    const executablePath = crashProof(found.executablePath ?? firefox.executablePath());
    // Nobody sees what it paints, no test times a frame, and 60 in a second cost an eighth of its time.
    return { ...found, executablePath, firefoxUserPrefs: { 'layout.frame_rate': 10 } };
  },
  webkit: () => ({}),
};

const PRODUCTS = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' };

/** Starts a browser that Playwright drives. */
export async function startPlaywrightEngine(name: BrowserName): Promise<Engine> {
  const browser = await TYPES[name].launch(OPTIONS[name]());
  const context = await browser.newContext();
  const pages = new WeakMap<Tab, Page>();
  return {
    version: `${PRODUCTS[name]} ${browser.version()}`,
    async open(): Promise<Tab> {
      const page = await context.newPage();
      const tab: Tab = {
        async visit(address) {
          // A page that came by itself may be there before Playwright has heard of it, and its own
          // navigation then counts as interrupted. The answer comes behind the news.
          await page.evaluate('0').catch(() => {});
          await page.goto(address, { waitUntil: 'domcontentloaded' });
        },
        run: (expression) => page.evaluate(expression),
        // An element's own click waits for the navigation that it begins, and Playwright never hears
        // of the end of one that Firefox serves from its back/forward cache.
        async click(selector) {
          const box = await page.locator(selector).first().boundingBox();
          if (!box) throw new Error(`${selector} is not to be seen`);
          await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
        },
        type: (text) => page.keyboard.type(text),
        close: () => page.close(),
      };
      pages.set(tab, page);
      return tab;
    },
    async sweep(kept) {
      const others = context.pages().filter((page) => !kept || page !== pages.get(kept));
      await Promise.all(others.map((page) => page.close()));
    },
    crash: () => kill(contentProcesses()),
    close: () => browser.close(),
  };
}

import type { Browser, BrowserContext, Page } from 'playwright';
import type { Pages } from '../../../e2e/pages.ts';
import type { Contestant } from './contestants.ts';

declare global {
  interface Window {
    /** What each file in `peers/` installs. */
    bench: {
      identify(email: string): unknown;
      track(name: string, tags: readonly string[]): unknown;
    };
    /** Milliseconds that evaluation and installation took. */
    installed: number;
    /** Milliseconds of each task over 50 ms. */
    longTasks: number[];
    /** Counted where the page is told to. */
    writes: number;
    most: number;
  }
}

/** A browser and a site where contestants perform. */
export interface Stage {
  readonly browser: Browser;
  readonly pages: Pages;
}

/** One page with one contestant in it, in a browser profile of its own. */
export interface Scene {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Goes to a page of the same site with the contestant in it. */
  visit(body?: string): Promise<void>;
}

let scenes = 0;

/** Opens a profile that has never been here: no storage, no compiled code. */
export async function openScene(
  { browser, pages }: Stage,
  contestant: Contestant,
  collector: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  // Some keep silent where the browser says that it is headless.
  const userAgent = `Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version().split('.')[0]}.0.0.0 Safari/537.36`;
  const context = await browser.newContext({ userAgent });
  const page = await context.newPage();
  return {
    context,
    page,
    async visit(body = '') {
      const path = `/scene-${scenes++}`;
      pages.set(path, { html: pageOf(contestant, collector, path, body), headers });
      await page.goto(pages.origin + path);
    },
  };
}

/** Clocks tick in steps of 5 µs, not 100, where a page is isolated from other origins. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
};

/** @param unique - Makes the script's text its own: what was compiled before is no use. */
const pageOf = (
  { script }: Contestant,
  collector: string,
  unique: string,
  body: string,
) => `<!doctype html>
<title>Bench</title>
<script>
  collector = '${collector}';
  longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
</script>
<script>began = performance.now();</script>
<script data-endpoint="${collector}/v1/messages">/*${unique}*/${script.replaceAll('</script', '<\\/script')}</script>
<script>installed = performance.now() - began;</script>
${body}`;

/** The address of a collector, on an origin that is foreign to the site. */
export const addressOf = (port: number): string => `http://127.0.0.1:${port}`;

/** One who calls, whom nobody else is mistaken for. */
export const newVisitor = (): string => `v${(scenes++).toString(36)}x${Date.now().toString(36)}`;

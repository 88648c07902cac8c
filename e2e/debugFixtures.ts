import type { Locator, Page } from 'playwright/test';
import { findBarriers, NO_BARRIERS } from './barriers.ts';
import { test as base, expect } from './fixtures.ts';
import type { Pipeline } from './pipeline.ts';

/** What a test of the debug panel works with. */
export interface DebugFixtures {
  /**
   * Opens a page with the panel asked for.
   *
   * @returns The panel.
   */
  readonly debug: (body: string, more?: DebugPage) => Promise<Locator>;
  /** That the panel, once its check is done, is in nobody's way. */
  readonly inspect: (panel: Locator) => Promise<void>;
}

/** How a page differs from the usual one. */
export interface DebugPage {
  /** Attributes of the script tag. */
  readonly attributes?: string;
  /** Markup in the head before the script. */
  readonly head?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @defaultValue the worker's own, which allows every tag and both of the site's names */
  readonly pipeline?: Pipeline;
  /** @defaultValue the site's first */
  readonly origin?: string;
  readonly query?: string;
}

let paths = 0;

/** A form for the newsletter, which a submit does not lead away. */
export const FORM = `
  <form data-sendx="identify" data-sendx-tags="newsletter" aria-label="Newsletter" action="javascript:void 0">
    <label>First name <input name="fname"></label>
    <label>Your e-mail <input type="email" name="email" required></label>
    <label>Password <input type="password" name="password" value="hunter2"></label>
    <button>Send</button>
  </form>`;

/** A script that calls. */
export const say = (...calls: string[]) => `<script>${calls.join(';')}</script>`;

export const test = base.extend<DebugFixtures>({
  debug: async ({ page, pipeline: usual }, use) => {
    await use(async (body, more = {}) => {
      const {
        attributes = '',
        head = '',
        headers = {},
        pipeline = usual,
        query = '?sendx_debug',
      } = more;
      const { pages, install } = pipeline;
      const path = `/debug${++paths}`;
      const script = `<script async src="${install.script}" ${attributes}></script>`;
      const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
        <title>Shop</title><style>:root { color-scheme: light dark; font-family: Georgia, serif }</style>
        ${head}<script>${install.stub}</script>${script}
        <body><main><h1>Loam &amp; Ember</h1><p>Ceramics classes, eight people at a time.</p>${body}</main>`;
      pages.set(path, { html, headers });
      await page.goto(`${more.origin ?? pages.origin}${path}${query}`);
      return page.locator('sendx-debug');
    });
  },
  inspect: async ({ page }, use) => {
    await use(async (panel) => {
      await expect(panel.getByText('Checking')).toHaveCount(0);
      expect(await findBarriers(page)).toEqual(NO_BARRIERS);
    });
  },
});

/** The panel's first sentence. */
export const headline = (panel: Locator) => panel.getByRole('status');

/** Lines of the console that are ours. */
export function listen(page: Page): readonly string[] {
  const lines: string[] = [];
  page.on('console', (message) => {
    if (message.text().startsWith('[sendx]')) lines.push(`${message.type()} ${message.text()}`);
  });
  return lines;
}

export { expect };

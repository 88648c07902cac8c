import type { Contact } from '../src/emulator/contacts.ts';
import { test as base, expect } from './fixtures.ts';
import type { Visit } from './pages.ts';

/** What a test of forms and clicks works with. */
export interface FormFixtures {
  /**
   * Opens a page with the snippet and this markup in its body; a form may go on to `next`.
   *
   * @returns The page's path.
   */
  readonly open: (markup: string, more?: { readonly head?: string }) => Promise<string>;
  /** Path of a page that a form or link may lead to; it holds no snippet. */
  readonly next: string;
  /** What the site's server got at `next`. */
  readonly posted: () => readonly Visit[];
  /** Waits until SendX knows a contact. */
  readonly contact: (email?: string) => Promise<Contact>;
  /** Calls that SendX has received of a contact, by now and all that were under way. */
  readonly calls: (email?: string) => Promise<readonly object[]>;
}

let paths = 0;

/** Tests with pages that say nothing to SendX but by their markup. */
export const test = base.extend<FormFixtures>({
  next: async ({ browserName: _ }, use, info) => {
    await use(`/next-${info.workerIndex}-${++paths}`);
  },
  posted: async ({ pipeline, next }, use) => {
    await use(() => pipeline.pages.visits(next));
  },
  open: async ({ page, pipeline, next }, use) => {
    const { pages, install } = pipeline;
    pages.set(next, '<!doctype html><title>Next</title>');
    await use(async (markup, { head = install.head } = {}) => {
      const path = `/page${++paths}`;
      pages.set(path, `<!doctype html><title>Page</title>${head}<body>${markup}`);
      await page.goto(pages.origin + path);
      return path;
    });
  },
  contact: async ({ pipeline, email }, use) => {
    await use(async (whose = email) => {
      const find = () => pipeline.emulator.contact(whose);
      await expect.poll(find, { timeout: 15_000 }).toBeDefined();
      return find() as Contact;
    });
  },
  calls: async ({ browser, pipeline, email }, use) => {
    await use(async (whose = email) => {
      // The sentinel, another visitor: what set out before it has come when it has.
      const sentinel = `sentinel-${++paths}.${email}`;
      pipeline.pages.set('/sentinel', pipeline.install.head);
      const tab = await browser.newPage();
      await tab.goto(`${pipeline.pages.origin}/sentinel`);
      await tab.evaluate((address) => {
        const { sendx } = window as unknown as { sendx: (...call: unknown[]) => void };
        sendx('identify', { email: address });
      }, sentinel);
      await expect.poll(() => pipeline.received(sentinel).length, { timeout: 15_000 }).toBe(1);
      await tab.close();
      return pipeline.received(whose).map(({ body }) => body as object);
    });
  },
});

export { expect };

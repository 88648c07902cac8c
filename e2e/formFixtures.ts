import type { Contact } from '../src/emulator/contacts.ts';
import { test as base, expect, storedKeys } from './fixtures.ts';
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
  /**
   * Calls that SendX has received of a contact, by now and all that were under way. Takes the page to
   * one with the snippet where it is on one without.
   */
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
  calls: async ({ page, pipeline, email }, use) => {
    const { pages, install, link, received } = pipeline;
    pages.set('/later', install.head);
    const kept = async () => (await storedKeys(page)).filter((key) => key.includes('-'));
    await use(async (whose = email) => {
      // What a page left behind its last request is sent a second later, or by the next page.
      if (!(await page.evaluate('"sendx" in window'))) await page.goto(`${pages.origin}/later`);
      await expect.poll(() => kept().catch(String), { timeout: 15_000 }).toEqual([]);
      // The sentinel, another visitor: what the proxy had before it has come when it has. Another
      // browser context would cost more than the rest of a test.
      const sentinel = `sentinel-${++paths}.${email}`;
      const at = Date.now();
      const messages = [
        { id: `sentinel-${paths}`, type: 'identify', at, email: sentinel, traits: {} },
      ];
      const answer = await fetch(`${link.url}/v1/messages`, {
        method: 'POST',
        headers: { Origin: pages.origin, 'Content-Type': 'text/plain' },
        body: JSON.stringify({ v: 1, sentAt: at, messages }),
      });
      expect(answer.status, await answer.text()).toBe(202);
      await expect.poll(() => received(sentinel).length, { timeout: 15_000 }).toBe(1);
      return received(whose).map(({ body }) => body as object);
    });
  },
});

export { expect };

import { afterEach, expect, it, vi } from 'vitest';
import { createSite, ENDPOINT, idle, type Page } from './site.ts';

const EMAIL = 'jane@example.com';

/** A bundle that imports the package, evaluated in `page` or on a server. */
const bundle = async (page?: Page) => {
  vi.resetModules();
  vi.stubGlobal('window', page?.window);
  return import('../../src/snippet/module.ts');
};

afterEach(() => {
  vi.unstubAllGlobals();
});

it('does nothing on a server', async () => {
  const { sendx } = await bundle();
  expect(() => sendx('identify', { email: EMAIL })).not.toThrow();
});

it('installs window.sendx once, and calls it', async () => {
  const site = createSite();
  const page = site.open({ script: false });
  const { sendx } = await bundle(page);
  const installed = page.window.sendx;
  const other = await bundle(page);
  expect(page.window.sendx).toBe(installed);
  sendx('identify', { email: EMAIL });
  other.sendx('track', { addTags: ['a'] });
  await idle();
  expect(site.requests.map(({ messages }) => messages.map(({ type }) => type))).toEqual([
    ['identify', 'track'],
  ]);
});

it('takes no script of the page for its own: a bundle knows no endpoint, and no panel beside it', async () => {
  const site = createSite();
  const page = site.open({ script: 'missing' });
  const { document } = page.window;
  const bundled = { src: 'https://www.example.com/js/main.js', dataset: { consent: 'denied' } };
  Object.assign(document, { currentScript: bundled, referrer: '?sendx_debug' });
  const { sendx } = await bundle(page);
  sendx('identify', { email: EMAIL });
  await site.clock.pass(1_000);
  expect(site.requests).toEqual([]);
  sendx('config', { endpoint: ENDPOINT });
  await site.clock.pass(1_000);
  expect(site.requests.map(({ url }) => url)).toEqual([ENDPOINT]);
});

it('shares a page with the script', async () => {
  const site = createSite();
  const page = site.open();
  const installed = page.window.sendx;
  const { sendx } = await bundle(page);
  expect(page.window.sendx).toBe(installed);
  sendx('identify', { email: EMAIL });
  await idle();
  expect(site.requests).toHaveLength(1);
});

import { openBareBrowser } from './bareBrowser.ts';
import { findWholeChromium } from './findBrowser.ts';
import { expect, test } from './fixtures.ts';

// The headless shell has no back/forward cache, and Playwright turns it off.
test.use({
  launchOptions: {
    ...findWholeChromium(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  },
});

const LISTEN = `<script>
  addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; });
</script>`;

test('a page that comes back from the back/forward cache sends what it still has', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/kept', LISTEN + install.head);
  pages.set('/between', '<title>Between</title>');
  await page.goto(`${pages.origin}/kept`);
  link.set({ fault: { status: 503, headers: { 'Retry-After': '1' } } }, '/messages');
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await expect.poll(() => link.passages().length).toBe(1);
  await page.goto(`${pages.origin}/between`);
  await expect.poll(() => link.passages().length).toBe(2);
  expect(pipeline.received(email)).toEqual([]);
  link.set({}, '/messages');
  await page.goBack({ waitUntil: 'commit' });
  expect(await page.evaluate('persisted')).toBe(true);
  expect(await arrivals(1)).toEqual(['identify']);
  await page.evaluate(() => sendx('track', { addTags: ['still alive'] }));
  expect(await arrivals(2)).toEqual(['identify', 'track still alive']);
});

test('the snippet keeps no page out of the back/forward cache, even with a request under way', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/kept', LISTEN + install.head);
  pages.set('/between', '<title>Between</title>');
  link.set({ latencyMs: 500 }, '/messages');
  await page.goto(`${pages.origin}/kept`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await page.goto(`${pages.origin}/between`);
  await page.goBack({ waitUntil: 'commit' });
  expect(await page.evaluate('persisted')).toBe(true);
  await page.evaluate(() => sendx('track', { addTags: ['back'] }));
  expect(await arrivals(2)).toEqual(['identify', 'track back']);
});

test('a hidden page sends what waits for company', async ({ page, pipeline, email, arrivals }) => {
  const { pages, install } = pipeline;
  pages.set('/hidden', install.head);
  await page.goto(`${pages.origin}/hidden`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await arrivals(1);
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1000);
  await page.evaluate(() => {
    sendx('track', { addTags: ['last word'] });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  expect(await arrivals(2)).toEqual(['identify', 'track last word']);
});

/** A page that has `/ahead` prerendered. */
const PRERENDER = `<script type="speculationrules">${JSON.stringify({
  prerender: [{ urls: ['/ahead'], eagerness: 'immediate' }],
})}</script>`;

/** The page goes on as soon as the site has a page `/go`. */
const goTo = (path: string) =>
  `<script>
    setInterval(async () => { if ((await fetch('/go')).ok) location = '${path}'; }, 100);
  </script>`;

/** Says behind the time at which a page sends whatever there is that it was prerendered. */
const SENTINEL = `<script>
  setTimeout((was) => fetch('/sentinel?prerendered=' + was), 2500, document.prerendering);
</script>`;

test('a prerendered page that nobody comes to see says nothing, not even through the page in front', async ({
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  const call = (tag: string) =>
    `<script>sendx('track', { email: '${email}', addTags: ['${tag}'] });</script>`;
  pages.set(
    '/start',
    `${PRERENDER}${install.head}<script>sendx('identify', { email: '${email}' })</script>${goTo('/other')}`,
  );
  pages.set('/ahead', `${install.head}${call('unseen')}${SENTINEL}`);
  pages.set('/other', `${install.head}${call('seen')}`);
  const browser = openBareBrowser(`${pages.origin}/start`);
  try {
    await expect
      .poll(() => pages.visits('/sentinel').map(({ url }) => url), { timeout: 15_000 })
      .toEqual(['/sentinel?prerendered=true']);
    pages.set('/go', 'now');
    expect(await arrivals(2)).toEqual(['identify', 'track seen']);
    expect(pages.visits('/ahead')).toHaveLength(1);
  } finally {
    await browser.close();
  }
});

test('a prerendered page sends nothing until it is activated', async ({
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/start', `${PRERENDER}${goTo('/ahead')}`);
  pages.set(
    '/ahead',
    `${install.head}<script>sendx('identify', { email: '${email}' });</script>${SENTINEL}`,
  );
  const browser = openBareBrowser(`${pages.origin}/start`);
  try {
    await expect
      .poll(() => pages.visits('/sentinel').map(({ url }) => url), { timeout: 15_000 })
      .toEqual(['/sentinel?prerendered=true']);
    expect(link.passages()).toEqual([]);
    pages.set('/go', 'now');
    expect(await arrivals(1)).toEqual(['identify']);
    expect(pages.visits('/ahead')).toHaveLength(1);
  } finally {
    await browser.close();
  }
});

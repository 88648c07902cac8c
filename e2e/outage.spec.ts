import { setTimeout as until } from 'node:timers/promises';
import type { BrowserContext } from 'playwright/test';
import { expect, storedKeys, test } from './fixtures.ts';
import { inTurns } from './inTurns.ts';
import type { Weather } from './link.ts';

const VISITORS = process.env.LONG ? 40 : 2;
const TAGS = ['first', 'second', 'third'];
const IN_ORDER = ['identify', ...TAGS.map((tag) => `track ${tag}`)];

/** The same visitors' calls, on a page that has loaded. */
const CALLS = (email: string) => `
  sendx('identify', { email: '${email}' });
  for (const tag of ${JSON.stringify(TAGS)}) sendx('track', { addTags: [tag] });`;

const REFUSED: Weather = { fault: { status: 503, headers: { 'Retry-After': '1' } } };

/** Both begin before the calls and end three seconds after. */
const OUTAGES = {
  'the proxy answers 503': {
    begin: (_: BrowserContext, set: (weather: Weather) => void) => set(REFUSED),
    end: (_: BrowserContext, set: (weather: Weather) => void) => set({}),
  },
  // As the tab closes, the browser's own emulation ends too early: the road has to be cut as well.
  'the browser is offline': {
    async begin(context: BrowserContext, set: (weather: Weather) => void) {
      set({ fault: 'cut' });
      await context.setOffline(true);
    },
    async end(context: BrowserContext, set: (weather: Weather) => void) {
      set({});
      await context.setOffline(false);
    },
  },
};

for (const [name, { begin, end }] of Object.entries(OUTAGES))
  test(`${name} for 3 s, the tab closes after 1 s and opens again at 4 s: all arrives, in order, once`, async ({
    browser,
    pipeline,
    arrivals,
  }) => {
    test.setTimeout(60_000 + VISITORS * 5000);
    const { pages, install, link } = pipeline;
    const set = (weather: Weather) => link.set(weather, '/messages');
    pages.set('/shop', install.head);

    const emails = Array.from(
      { length: VISITORS },
      (_, each) => `${each}@${name.replace(/\W+/g, '-')}.example`,
    );
    const contexts = await inTurns(emails, VISITORS, () => browser.newContext());
    const visitors = contexts.map((context, each) => ({ context, email: emails[each] ?? '' }));
    const all = <Result>(act: (visitor: (typeof visitors)[number]) => Promise<Result>) =>
      Promise.all(visitors.map(act));
    const tabs = await all(({ context }) => context.newPage());
    await Promise.all(tabs.map((tab) => tab.goto(`${pages.origin}/shop`)));

    await all(async ({ context }) => begin(context, set));
    const closing = until(1000);
    const over = until(3000);
    const opening = until(4000);
    await Promise.all(tabs.map((tab, each) => tab.evaluate(CALLS(emails[each] ?? ''))));
    await closing;
    await Promise.all(tabs.map((tab) => tab.close()));
    await over;
    await all(async ({ context }) => end(context, set));
    for (const email of emails) expect(pipeline.received(email)).toEqual([]);
    await opening;

    await all(async ({ context, email }) => {
      const tab = await context.newPage();
      await tab.goto(`${pages.origin}/shop`);
      await arrivals(4, email);
      await expect.poll(() => storedKeys(tab), { timeout: 15_000 }).toEqual(['sendx:identity']);
      await tab.evaluate("sendx('track', { addTags: ['last'] })");
      expect(await arrivals(5, email)).toEqual([...IN_ORDER, 'track last']);
      await context.close();
    });
  });

test('a tab that comes online again sends at once', async ({
  page,
  context,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set('/online', install.head);
  await page.clock.install();
  await page.goto(`${pages.origin}/online`);
  await context.setOffline(true);
  // The clock hardly moves: no timer tries again.
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.evaluate("sendx('on', 'error', () => { window.failed = true; })");
  await page.evaluate(CALLS(email));
  await expect
    .poll(async () => {
      await page.clock.runFor(1);
      return page.evaluate('window.failed');
    })
    .toBe(true);
  await context.setOffline(false);
  expect(await arrivals(4)).toEqual(IN_ORDER);
});

/** A captive portal's page, and JSON of somebody else. */
const IMPOSTORS = [
  ['text/html', '<h1>Please log in</h1>'],
  ['text/plain', ''],
  ['application/json', '{"success":true}'],
  ['application/json', 'null'],
  ['application/json', '{"results":"accepted"}'],
  ['application/json', '{"results":[null]}'],
  ['application/json', '{"results":[{"id":"nobody","status":"accepted"}]}'],
] as const;

test('a 200 that is no receipt of ours deletes nothing', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/portal', install.head);
  await page.clock.install();
  await page.goto(`${pages.origin}/portal`);
  await page.evaluate("window.refusals = 0; sendx('on', 'error', () => { refusals += 1 })");
  const refusals = () => page.evaluate<number>('refusals');
  for (const [type, body] of IMPOSTORS) {
    const before = await refusals();
    link.set({ fault: { status: 200, headers: { 'Content-Type': type }, body } }, '/messages');
    if (before) await page.clock.fastForward(60_000);
    else await page.evaluate(CALLS(email));
    await expect.poll(refusals, body).toBeGreaterThan(before);
  }
  link.set({}, '/messages');
  await page.clock.fastForward(60_000);
  await settled(page);
  await page.evaluate("sendx('track', { addTags: ['last'] }); sendx('flush')");
  expect(await arrivals(5)).toEqual([...IN_ORDER, 'track last']);
});

test('a page that leaves while its request is under way makes the next page wait for nothing', async ({
  page,
  pipeline,
  email,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/under-way', install.head);
  await page.goto(`${pages.origin}/under-way`);
  link.set({ fault: 'hang' }, '/messages');
  await page.evaluate(CALLS(email));
  await expect.poll(() => link.passages().length).toBe(1);
  // Browsers reject the fetch of a page that goes, although the request itself lives on.
  await page.reload();
  expect(await storedKeys(page)).not.toContain('sendx:due');
});

test('what a page could not send goes before what the next page says', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/before', install.head);
  pages.set('/after', install.head);
  await page.goto(`${pages.origin}/before`);
  link.set({ fault: 'hang' }, '/messages');
  await page.evaluate(CALLS(email));
  await expect.poll(() => link.passages().length).toBe(1);
  await page.goto(`${pages.origin}/after`);
  // What hangs is cut, and by now nobody hears of it.
  link.clear();
  await page.evaluate("sendx('track', { addTags: ['after'] })");
  await settled(page);
  await page.evaluate("sendx('track', { addTags: ['last'] })");
  expect(await arrivals(6)).toEqual([...IN_ORDER, 'track after', 'track last']);
});

test('a misconfigured proxy (404) is asked once a page, and loses nothing', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/moved', install.head);
  await page.goto(`${pages.origin}/moved`);
  link.set({ fault: { status: 404 } }, '/messages');
  await page.evaluate(CALLS(email));
  await expect.poll(() => link.passages().length).toBe(1);
  await page.evaluate("sendx('track', { addTags: ['after'] }); sendx('flush')");
  // The next page is the sentinel: its request is the second.
  link.set({}, '/messages');
  await page.reload();
  expect(await arrivals(5)).toEqual([...IN_ORDER, 'track after']);
  expect(link.passages()).toHaveLength(2);
});

test('413 halves a request until it fits', async ({ page, pipeline, email, arrivals, settled }) => {
  const { pages, install, link } = pipeline;
  pages.set('/halves', install.head);
  await page.goto(`${pages.origin}/halves`);
  // Two of these messages fit, four do not.
  link.set({ fault: { status: 413, over: 450 } }, '/messages');
  await page.evaluate(CALLS(email));
  await settled(page);
  expect(await arrivals(4)).toEqual(IN_ORDER);
  const sizes = link.passages().map(({ body }) => JSON.parse(body).messages.length);
  expect(sizes).toEqual([4, 2, 2]);
});

const DAY = 24 * 60 * 60 * 1000;

test('a proxy gone for a day loses nothing, whether the tab stays open or not', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/day', install.head);
  link.set({ fault: 'cut' }, '/messages');
  await page.clock.install();
  await page.goto(`${pages.origin}/day`);
  await page.evaluate(CALLS(email));
  for (let hour = 1; hour <= 24; hour += 1) {
    await expect.poll(() => link.passages().length).toBeGreaterThanOrEqual(hour);
    await expect.poll(() => storedKeys(page)).toContain('sendx:due');
    await page.clock.fastForward(DAY / 24);
  }
  await page.close();

  const next = await context.newPage();
  await next.clock.install({ time: Date.now() + DAY });
  await next.goto(`${pages.origin}/day`);
  await next.evaluate("sendx('track', { addTags: ['next day'] })");
  link.set({}, '/messages');
  await next.clock.fastForward(60_000);
  expect(await arrivals(5)).toEqual([...IN_ORDER, 'track next day']);
  await settled(next);
});

for (const days of [-3, 3])
  test(`a clock that jumps by ${days} days breaks nothing`, async ({
    page,
    pipeline,
    email,
    arrivals,
  }) => {
    const { pages, install, link } = pipeline;
    pages.set('/jump', install.head);
    link.set({ fault: { status: 503, headers: { 'Retry-After': '5' } } }, '/messages');
    await page.clock.install();
    await page.goto(`${pages.origin}/jump`);
    await page.evaluate(CALLS(email));
    await expect.poll(() => storedKeys(page)).toContain('sendx:due');
    link.set({}, '/messages');
    await page.clock.setSystemTime(Date.now() + days * DAY);
    await page.evaluate("sendx('track', { addTags: ['after'] })");
    await page.clock.fastForward(10_000);
    expect(await arrivals(5)).toEqual([...IN_ORDER, 'track after']);
  });

test('what is older than a week is given up, and the proxy is told', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/week', install.head);
  await page.goto(`${pages.origin}/week`);
  link.set({ fault: 'cut' }, '/messages');
  await page.evaluate(CALLS(email));
  await page.close();

  const later = await context.newPage();
  await later.clock.install({ time: Date.now() + 8 * DAY });
  await later.goto(`${pages.origin}/week`);
  await later.evaluate("sendx('flush')");
  await expect
    .poll(async () => (await storedKeys(later)).filter((key) => key.includes('-')))
    .toEqual([]);
  link.set({}, '/messages');
  await later.evaluate("sendx('track', { addTags: ['a week later'] })");
  expect(await arrivals(1)).toEqual(['track a week later']);
  const { lost } = JSON.parse(link.passages().at(-1)?.body ?? '');
  expect(lost).toEqual({ expired: 4, evicted: 0 });
  await settled(later);
});

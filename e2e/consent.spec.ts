import { expect, test } from './fixtures.ts';

const touched = () => ({ ...localStorage, ...sessionStorage });

test('pending: nothing is stored or sent; granted: all goes out with its own time', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/ask', install.head.replace('async', 'async data-consent="pending"'));
  await page.clock.install();
  await page.goto(`${pages.origin}/ask`);
  const [before, after] = await page.evaluate((address) => {
    const before = Date.now();
    sendx('identify', { email: address });
    sendx('track', { addTags: ['undecided'] });
    return [before, Date.now()] as const;
  }, email);
  await page.clock.fastForward(90_000);
  expect(await page.evaluate(touched)).toEqual({});
  expect(link.passages()).toEqual([]);

  await page.evaluate(() => sendx('consent', 'granted'));
  expect(await arrivals(2)).toEqual(['identify', 'track undecided']);
  const { sentAt, messages } = JSON.parse(link.passages()[0]?.body ?? '');
  for (const { at } of messages) {
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
  }
  expect(sentAt - after).toBeGreaterThanOrEqual(90_000);
  await settled(page);

  await page.reload();
  await page.evaluate(() => sendx('track', { addTags: ['remembered'] }));
  expect(await arrivals(3)).toEqual(['identify', 'track undecided', 'track remembered']);
});

test('a denial in one tab stops the others', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/shop', install.head);
  await page.goto(`${pages.origin}/shop`);
  const other = await context.newPage();
  await other.goto(`${pages.origin}/shop`);
  link.set({ fault: { status: 503 } }, '/messages');
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await expect.poll(() => link.passages().length).toBeGreaterThan(0);
  await other.evaluate(() => sendx('consent', 'denied'));
  link.clear();
  await page.evaluate(() => {
    sendx('track', { addTags: ['too late'] });
    sendx('flush');
  });
  expect(await page.evaluate(touched)).toEqual({});
  const sentinel = `sentinel-${email}`;
  await page.evaluate((address) => {
    sendx('consent', 'granted');
    sendx('identify', { email: address });
  }, sentinel);
  await arrivals(1, sentinel);
  expect(pipeline.received(email)).toEqual([]);
});

const signal = `Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true })`;

test('Global Privacy Control changes nothing where the site does not ask for it', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set('/gpc', install.head);
  await page.addInitScript(signal);
  await page.goto(`${pages.origin}/gpc`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  expect(await arrivals(1)).toEqual(['identify']);
});

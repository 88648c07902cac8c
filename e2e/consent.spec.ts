import { expect, storedKeys, test } from './fixtures.ts';

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
  const called = await page.evaluate((address) => {
    sendx('identify', { email: address });
    sendx('track', { addTags: ['undecided'] });
    return Date.now();
  }, email);
  await page.clock.fastForward(90_000);
  expect(await page.evaluate(touched)).toEqual({});
  expect(link.passages()).toEqual([]);

  await page.evaluate(() => sendx('consent', 'granted'));
  expect(await arrivals(2)).toEqual(['identify', 'track undecided']);
  const { sentAt, messages } = JSON.parse(link.passages()[0]?.body ?? '');
  for (const { at } of messages) expect(Math.abs(at - called)).toBeLessThan(100);
  expect(sentAt - called).toBeGreaterThanOrEqual(90_000);
  await settled(page);

  await page.reload();
  await page.evaluate(() => sendx('track', { addTags: ['remembered'] }));
  expect(await arrivals(3)).toEqual(['identify', 'track undecided', 'track remembered']);
});

test('pending: what is left when the page goes is gone with it', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/ask', install.head.replace('async', 'async data-consent="pending"'));
  await page.goto(`${pages.origin}/ask`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await page.reload();
  expect(await storedKeys(page)).toEqual([]);
  const sentinel = `sentinel-${email}`;
  await page.evaluate((address) => {
    sendx('consent', 'granted');
    sendx('identify', { email: address });
  }, sentinel);
  await arrivals(1, sentinel);
  expect(pipeline.received(email)).toEqual([]);
  expect(link.passages()).toHaveLength(1);
});

test('denied: not one key is left, nothing is sent, and the next page knows', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/shop', install.head);
  await page.goto(`${pages.origin}/shop`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await arrivals(1);
  link.set({ fault: { status: 503 } }, '/messages');
  await page.evaluate(() => {
    sendx('track', { addTags: ['waiting'] });
    sendx('consent', 'denied');
    sendx('track', { addTags: ['after'] });
  });
  expect(await page.evaluate(touched)).toEqual({});
  link.clear();

  await page.reload();
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  expect(await page.evaluate(touched)).toEqual({});
  // Another tab of theirs knows too; the sentinel is a visitor who has not denied.
  const other = await context.newPage();
  await other.goto(`${pages.foreign}/shop`);
  const sentinel = `sentinel-${email}`;
  await other.evaluate((address) => sendx('identify', { email: address }), sentinel);
  await arrivals(1, sentinel);
  expect(link.passages()).toHaveLength(1);
  expect(pipeline.received(email)).toHaveLength(1);
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

test('Global Privacy Control counts as a denial where the site respects it, until granted', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set('/gpc', install.head.replace('async', 'async data-gpc="respect"'));
  await page.addInitScript(signal);
  await page.goto(`${pages.origin}/gpc`);
  const said = await page.evaluate((address) => {
    const reasons: unknown[] = [];
    sendx('on', 'dropped', ({ reason }: { reason: unknown }) => reasons.push(reason));
    sendx('identify', { email: address, tags: ['denied'] });
    return reasons;
  }, email);
  expect(said).toEqual(['consent']);
  expect(await page.evaluate(touched)).toEqual({});
  await page.evaluate((address) => {
    sendx('consent', 'granted');
    sendx('identify', { email: address, tags: ['granted'] });
  }, email);
  expect(await arrivals(1)).toEqual(['identify granted']);
});

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

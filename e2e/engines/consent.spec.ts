import { script } from './calls.ts';
import { expect, test } from './fixtures.ts';

const TOUCHED = '({ ...localStorage, ...sessionStorage })';

test('pending: nothing is stored or sent; granted: all goes out with its own time', async ({
  tab,
  pipeline,
  email,
  arrivals,
  enter,
}) => {
  const { install, link } = pipeline;
  const page = install.head.replace('async', 'async data-consent="pending"');
  await enter(tab, page);
  const [before, after] = await tab.run<readonly [number, number]>(`(() => {
    const before = Date.now();
    sendx('identify', { email: '${email}' });
    sendx('track', { addTags: ['undecided'] });
    sendx('flush');
    return [before, Date.now()];
  })()`);
  expect(await tab.run(TOUCHED)).toEqual({});
  expect(link.passages()).toEqual([]);
  await tab.run("sendx('consent', 'granted')");
  expect(await arrivals(2)).toEqual(['identify', 'track undecided']);
  const { messages } = JSON.parse(link.passages()[0]?.body ?? '');
  for (const { at } of messages) {
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
  }

  await enter(tab, page);
  await tab.run("sendx('track', { addTags: ['remembered'] })");
  expect(await arrivals(3)).toEqual(['identify', 'track undecided', 'track remembered']);
});

test('pending: what is left when the page goes is gone with it', async ({
  tab,
  pipeline,
  email,
  arrivals,
  enter,
}) => {
  const { install, link } = pipeline;
  const page = install.head.replace('async', 'async data-consent="pending"');
  await enter(tab, page);
  await tab.run(`sendx('identify', { email: '${email}' })`);
  await enter(tab, page);
  expect(await tab.run(TOUCHED)).toEqual({});
  const sentinel = `sentinel-${email}`;
  await tab.run(`(() => {
    sendx('consent', 'granted');
    sendx('identify', { email: '${sentinel}' });
  })()`);
  await arrivals(1, sentinel);
  expect(pipeline.received(email)).toEqual([]);
  expect(link.passages()).toHaveLength(1);
});

test('denied: not one key is left, nothing is sent, and every tab and page knows', async ({
  engine,
  tab,
  pipeline,
  email,
  arrivals,
  enter,
}) => {
  const { link } = pipeline;
  await enter(tab);
  await tab.run(`sendx('identify', { email: '${email}' })`);
  await arrivals(1);
  const other = await engine.open();
  await enter(other);
  link.set({ fault: { status: 503 } }, '/messages');
  await tab.run(`(() => {
    sendx('track', { addTags: ['waiting'] });
    sendx('consent', 'denied');
    sendx('track', { addTags: ['after'] });
  })()`);
  expect(await tab.run(TOUCHED)).toEqual({});
  link.clear();

  await other.run("(() => { sendx('track', { addTags: ['elsewhere'] }); sendx('flush'); })()");
  await enter(tab);
  await tab.run(`sendx('identify', { email: '${email}', tags: ['next page'] })`);
  expect(await tab.run(TOUCHED)).toEqual({});
  expect(link.passages()).toEqual([]);
  const sentinel = `sentinel-${email}`;
  await tab.run(`(() => {
    sendx('consent', 'granted');
    sendx('identify', { email: '${sentinel}' });
  })()`);
  await arrivals(1, sentinel);
  expect(link.passages()).toHaveLength(1);
  expect(pipeline.received(email)).toHaveLength(1);
});

test('Global Privacy Control counts as a denial where the site respects it, until granted', async ({
  tab,
  pipeline,
  email,
  arrivals,
  enter,
}) => {
  const { install } = pipeline;
  const signal = `Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { configurable: true, value: true })`;
  const page = script(signal) + install.head.replace('async', 'async data-gpc="respect"');
  await enter(tab, page);
  await tab.run(`sendx('identify', { email: '${email}', tags: ['denied'] })`);
  expect(await tab.run(TOUCHED)).toEqual({});
  await tab.run(`(() => {
    sendx('consent', 'granted');
    sendx('identify', { email: '${email}', tags: ['granted'] });
  })()`);
  expect(await arrivals(1)).toEqual(['identify granted']);
});

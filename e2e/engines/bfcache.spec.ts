import { lastWord } from './calls.ts';
import { expect, test } from './fixtures.ts';
import { TELL } from './shown.ts';

test('a page that comes back from the back/forward cache sends what it still has, forward too', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
  ready,
  shown,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/first', `${TELL}${install.head}`);
  pages.set('/second', `${TELL}${install.head}`);
  await tab.visit(`${origin}/first`);
  await ready(tab);
  link.set({ fault: { status: 503, headers: { 'Retry-After': '1' } } }, '/messages');
  await tab.run(`sendx('identify', { email: '${email}' })`);
  await expect.poll(() => link.passages().length, { intervals: [50] }).toBe(1);
  await tab.visit(`${origin}/second`);
  await ready(tab);
  expect(pipeline.received(email)).toEqual([]);
  link.set({}, '/messages');
  await tab.run('void setTimeout(() => history.back())');
  await shown('/first from the cache');
  expect(await arrivals(1)).toEqual(['identify']);
  await tab.run("sendx('track', { addTags: ['first again'] })");
  await arrivals(2);
  await tab.run('void setTimeout(() => history.forward())');
  await shown('/second from the cache');
  await tab.run("sendx('track', { addTags: ['second again'] })");
  expect(await arrivals(3)).toEqual(['identify', 'track first again', 'track second again']);
});

test('the snippet keeps no page out of the back/forward cache, even with a request under way', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
  ready,
  shown,
  emptied,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/kept', TELL + install.head);
  pages.set('/between', '<title>Between</title>');
  pages.set('/last', install.head);
  await tab.visit(`${origin}/kept`);
  await ready(tab);
  link.set({ latencyMs: 500 }, '/messages');
  await tab.run(`sendx('identify', { email: '${email}' })`);
  await tab.visit(`${origin}/between`);
  await tab.run('void setTimeout(() => history.back())');
  await shown('/kept from the cache');
  await tab.run("sendx('track', { addTags: ['back'] })");
  // Still on this page: WebKitGTK 2.50 never settles a fetch whose page went into the cache
  // meanwhile, and nothing may wait for it.
  expect(await arrivals(2)).toEqual(['identify', 'track back']);
  await tab.visit(`${origin}/last`);
  await ready(tab);
  await tab.run("sendx('flush')");
  await emptied(tab);
  await tab.run(lastWord('last'));
  expect(await arrivals(3)).toEqual(['identify', 'track back', 'track last']);
});

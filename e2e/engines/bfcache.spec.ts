import { expect, test } from './fixtures.ts';

const LISTEN = `<script>
  addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; });
</script>`;

test('a page that comes back from the back/forward cache sends what it still has, forward too', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
  ready,
  shows,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/first', `<title>First</title>${LISTEN}${install.head}`);
  pages.set('/second', `<title>Second</title>${LISTEN}${install.head}`);
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
  await shows(tab, '[document.title, window.persisted]', ['First', true]);
  expect(await arrivals(1)).toEqual(['identify']);
  await tab.run("sendx('track', { addTags: ['first again'] })");
  await arrivals(2);
  await tab.run('void setTimeout(() => history.forward())');
  await shows(tab, '[document.title, window.persisted]', ['Second', true]);
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
  shows,
  emptied,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/kept', `<title>Kept</title>${LISTEN}${install.head}`);
  pages.set('/between', '<title>Between</title>');
  await tab.visit(`${origin}/kept`);
  await ready(tab);
  link.set({ latencyMs: 500 }, '/messages');
  await tab.run(`sendx('identify', { email: '${email}' })`);
  await tab.visit(`${origin}/between`);
  await tab.run('void setTimeout(() => history.back())');
  await shows(tab, '[document.title, window.persisted]', ['Kept', true]);
  link.set({}, '/messages');
  await tab.run("sendx('track', { addTags: ['back'] })");
  await emptied(tab);
  await tab.run("sendx('track', { addTags: ['last'] })");
  expect(await arrivals(3)).toEqual(['identify', 'track back', 'track last']);
});

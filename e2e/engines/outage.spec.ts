import { lastWord } from './calls.ts';
import { expect, KEYS, test } from './fixtures.ts';

const CALLS = (email: string) => `
  sendx('identify', { email: '${email}' });
  sendx('track', { addTags: ['first'] });
  sendx('track', { addTags: ['second'] });`;

const IN_ORDER = ['identify', 'track first', 'track second'];

const POLL = { timeout: 15_000, intervals: [50] };

/** What the proxy's endpoint answers, or what answers in its stead, until it is itself again. */
const OUTAGES = {
  'answers 503': { fault: { status: 503 } },
  'is cut off': { fault: 'cut' },
  'is behind a captive portal': {
    fault: { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Log in</h1>' },
  },
} as const;

for (const [name, weather] of Object.entries(OUTAGES)) {
  test(`the proxy ${name}, and the page stays: all arrives, in order, once`, async ({
    tab,
    pipeline,
    email,
    enter,
    arrivedOnce,
  }) => {
    const { link } = pipeline;
    await enter(tab);
    link.set(weather, '/messages');
    await tab.run(`(() => { ${CALLS(email)} })()`);
    // The page's own second attempt, before a further call makes one.
    await expect.poll(() => link.passages().length, POLL).toBeGreaterThan(1);
    await tab.run("sendx('track', { addTags: ['in the outage'] })");
    link.set({}, '/messages');
    await arrivedOnce(tab, [...IN_ORDER, 'track in the outage']);
  });

  test(`the proxy ${name}, and the tab closes: all arrives with the next, in order, once`, async ({
    engine,
    tab,
    pipeline,
    email,
    enter,
    arrivedOnce,
  }) => {
    const { link } = pipeline;
    const closing = await engine.open();
    await enter(closing);
    link.set(weather, '/messages');
    await closing.run(`(() => { ${CALLS(email)} })()`);
    await closing.close();
    await expect.poll(() => link.passages().length, POLL).toBeGreaterThan(0);
    expect(pipeline.received(email)).toEqual([]);
    await enter(tab);
    link.set({}, '/messages');
    await tab.run(lastWord('next'));
    await arrivedOnce(tab, [...IN_ORDER, 'track next']);
  });
}

test('a tab that comes online again sends at once', async ({
  tab,
  pipeline,
  email,
  arrivals,
  shows,
  enter,
}) => {
  const { link } = pipeline;
  await enter(tab);
  link.set({ fault: 'cut' }, '/messages');
  // Longer than any test: only the event can end it.
  await tab.run("sendx('on', 'error', () => { window.failed = true; })");
  await tab.run(`(() => { Math.random = () => 0.9999; ${CALLS(email)} })()`);
  await shows(tab, 'window.failed', true);
  const failed = link.passages().length;
  link.set({}, '/messages');
  const back = Date.now();
  await tab.run("void dispatchEvent(new Event('online'))");
  expect(await arrivals(3)).toEqual(IN_ORDER);
  const first = link.passages()[failed];
  expect((first?.at ?? Number.POSITIVE_INFINITY) - back).toBeLessThan(800);
});

test('429: the Retry-After of the proxy binds this tab and the next', async ({
  engine,
  tab,
  pipeline,
  email,
  arrivals,
  shows,
  enter,
}) => {
  const { link } = pipeline;
  await enter(tab);
  link.set({ fault: { status: 429, headers: { 'Retry-After': '2' } } }, '/messages');
  await tab.run(`(() => { ${CALLS(email)} })()`);
  await shows(tab, `${KEYS}.includes('sendx:due')`, true);
  link.set({}, '/messages');
  const other = await engine.open();
  await enter(other);
  await other.run("sendx('track', { addTags: ['elsewhere'] })");
  await tab.run("sendx('flush')");
  expect(await arrivals(4)).toHaveLength(4);
  const [refused, ...later] = link.passages();
  expect(later.length).toBeGreaterThan(0);
  for (const { at } of later) expect(at - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1900);
});

test('a proxy that takes three seconds gets what a form said as it left', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
  ready,
}) => {
  const { pages, install, link } = pipeline;
  const say = CALLS(email).replaceAll("'", '&#39;');
  pages.set(
    '/slow',
    `${install.head}<form action="/thanks" onsubmit="${say}"><button>Send</button></form>`,
  );
  pages.set('/thanks', '<title>Thanks</title>');
  await tab.visit(`${origin}/slow`);
  await ready(tab);
  link.set({ latencyMs: 3000 }, '/messages');
  await tab.click('button');
  expect(await arrivals(3)).toEqual(IN_ORDER);
});

test('a proxy that never answers holds up no page, and hears all from the next', async ({
  tab,
  pipeline,
  email,
  enter,
  arrivedOnce,
}) => {
  const { link } = pipeline;
  await enter(tab);
  link.set({ fault: 'hang' }, '/messages');
  await tab.run(`(() => { ${CALLS(email)} })()`);
  await expect.poll(() => link.passages().length, POLL).toBe(1);
  await enter(tab);
  link.clear();
  await tab.run(lastWord('next'));
  await arrivedOnce(tab, [...IN_ORDER, 'track next']);
});

/** Endpoints that a page names by mistake. */
const WRONG = {
  'no path of the proxy': (proxy: string) => `${proxy}/v1/mesages`,
  'a host that does not exist': () => 'http://proxy.invalid/v1/messages',
  'a port that nobody listens to': () => 'http://127.0.0.1:1/v1/messages',
};

for (const [name, endpoint] of Object.entries(WRONG))
  test(`an endpoint that is ${name} loses nothing: the next page delivers`, async ({
    tab,
    origin,
    pipeline,
    email,
    shows,
    arrivedOnce,
  }) => {
    const { pages, install, link } = pipeline;
    const wrong = install.head.replace('async', `async data-endpoint="${endpoint(link.url)}"`);
    const listen = "sendx('on', 'error', ({ reason }) => { window.trouble = reason; });";
    pages.set('/wrong', `${wrong}<script>${listen}${CALLS(email)}</script>`);
    pages.set('/right', install.head);
    await tab.visit(`${origin}/wrong`);
    await shows(tab, 'window.trouble', name.includes('path') ? 'misconfigured' : 'network');
    await tab.visit(`${origin}/right`);
    // The network's failure may have asked for patience; being online again ends it.
    await tab.run("void dispatchEvent(new Event('online'))");
    await arrivedOnce(tab, IN_ORDER);
  });

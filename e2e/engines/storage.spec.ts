import { CALM, lastWord, script, witness } from './calls.ts';
import { expect, test } from './fixtures.ts';
import { TELL } from './shown.ts';

const FORM = `
  <form action="/thanks" onsubmit="say()"><button>Send</button></form>
  <script>
    const email = new URLSearchParams(location.search).get('email');
    const say = () => {
      sendx('identify', { email, firstName: 'Jane' });
      sendx('track', { addTags: ['newsletter-form'] });
    };
  </script>`;

/** What a page meets before any of its own scripts run. */
const STATES = {
  'denied: touching it throws': `Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('The operation is insecure.', 'SecurityError'); },
  });`,
  'null, as in some web views': `Object.defineProperty(window, 'localStorage', { value: null });`,
  full: `(() => {
    for (let size = 2 ** 20; size >= 1; size = Math.floor(size / 2))
      for (let each = 0; ; each += 1)
        try { localStorage.setItem('host-' + size + '-' + each, 'x'.repeat(size)); } catch { break; }
  })();`,
  'there, but refuses every write, as private windows of Safari did': `
    Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };`,
};

for (const [name, state] of Object.entries(STATES))
  test(`storage is ${name}: what a form says arrives, once, and the page sees no error`, async ({
    tab,
    origin,
    pipeline,
    email,
    arrivals,
    ready,
    shown,
  }) => {
    const { pages, install, link } = pipeline;
    const head = script(state) + witness() + install.head;
    pages.set('/form', head + FORM);
    pages.set('/thanks', head + TELL);
    await tab.visit(`${origin}/form?email=${email}`);
    await ready(tab);
    // A page that stays outlives an outage from memory.
    link.set({ fault: { status: 503, headers: { 'Retry-After': '1' } } }, '/messages');
    await tab.run(`sendx('identify', { email: '${email}', lastName: 'Doe' })`);
    await expect.poll(() => link.passages().length, { intervals: [50] }).toBeGreaterThan(0);
    await tab.run("sendx('track', { addTags: ['patient'] })");
    link.set({}, '/messages');
    expect(await arrivals(2)).toEqual(['identify', 'track patient']);

    await tab.click('button');
    await shown('/thanks');
    await ready(tab);
    expect((await arrivals(4)).slice(2)).toEqual(['identify', 'track newsletter-form']);
    await tab.run(lastWord('sentinel', email));
    expect((await arrivals(5)).slice(4)).toEqual(['track sentinel']);
    expect(await tab.run(CALM)).toBe(true);
  });

test('a sandboxed page, where storage and cookies themselves throw, sees no error', async ({
  tab,
  origin,
  pipeline,
  email,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/sandbox', {
    html: `${witness()}${install.head}${script(`sendx('identify', { email: '${email}' })`)}`,
    headers: { 'Content-Security-Policy': 'sandbox allow-scripts' },
  });
  await tab.visit(`${origin}/sandbox`);
  for (const touch of ['localStorage', 'document.cookie'])
    expect(
      await tab.run(`(() => { try { return !!${touch} } catch ({ name }) { return name } })()`),
    ).toBe('SecurityError');
  // Its origin is opaque, so the proxy cannot let it in; all the same it was tried.
  await expect
    .poll(() => link.passages().map(({ body }) => body), { intervals: [50] })
    .toContainEqual(expect.stringContaining(email));
  expect(await tab.run(CALM)).toBe(true);
});

test('localStorage.clear() under way takes nothing from the page that called', async ({
  tab,
  pipeline,
  email,
  arrivals,
  enter,
}) => {
  const { install, link } = pipeline;
  await enter(tab, witness() + install.head);
  link.set({ latencyMs: 300 }, '/messages');
  await tab.run(`(() => {
    sendx('identify', { email: '${email}' });
    localStorage.clear();
    sendx('track', { addTags: ['between'] });
    sendx('flush');
    localStorage.clear();
  })()`);
  // A page of the test before may still try.
  const ours = () => link.passages().filter(({ body }) => body.includes(email)).length;
  await expect.poll(ours, { intervals: [50] }).toBe(1);
  await tab.run("(() => { sendx('track', { addTags: ['in flight'] }); localStorage.clear(); })()");
  expect(await arrivals(3)).toEqual(['identify', 'track between', 'track in flight']);
  expect(await tab.run(CALM)).toBe(true);
});

test('a frame on a foreign site, in a storage of its own or in none, tells what it hears', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set(
    '/frame',
    witness() +
      install.head +
      script(`sendx('identify', { email: '${email}' });
        sendx('track', { addTags: ['framed'] });
        addEventListener('message', ({ data, source }) => {
          sendx('track', { addTags: [data] });
          source.postMessage(complaints, '*');
        });`),
  );
  pages.set(
    '/host',
    `<iframe src="${pages.foreign}/frame"></iframe>` +
      script(`addEventListener('message', ({ data }) => { window.heard = data; });`),
  );
  await tab.visit(`${origin}/host`);
  await arrivals(2);
  // Once more: what the first visit left in the frame's storage, if anything, is settled.
  await tab.run("frames[0].postMessage('asked', '*')");
  expect(await arrivals(3)).toEqual(['identify', 'track framed', 'track asked']);
  await expect.poll(() => tab.run('window.heard'), { intervals: [50] }).toEqual([]);
});

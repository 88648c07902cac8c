import { expect, test } from './fixtures.ts';

const FORM = `
  <form action="/thanks"><button>Subscribe</button></form>
  <script>
    document.querySelector('form').addEventListener('submit', () => {
      const email = new URLSearchParams(location.search).get('email');
      sendx('identify', { email, firstName: 'Jane' });
      sendx('track', { addTags: ['newsletter-form'] });
    });
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

for (const [name, state] of Object.entries(STATES)) {
  test(`storage is ${name}: what a form says arrives, once, and the page sees no error`, async ({
    page,
    pipeline,
    email,
    arrivals,
    complaints,
  }) => {
    const { pages, install } = pipeline;
    pages.set('/form', install.head + FORM);
    pages.set('/thanks', `<title>Thanks</title>${install.head}`);
    await page.addInitScript(state);
    await page.goto(`${pages.origin}/form?email=${email}`);
    await page.getByRole('button').click();
    await expect(page).toHaveTitle('Thanks');
    expect(await arrivals(2)).toEqual(['identify', 'track newsletter-form']);
    await page.evaluate(
      (address) => sendx('track', { email: address, addTags: ['sentinel'] }),
      email,
    );
    expect(await arrivals(3)).toEqual(['identify', 'track newsletter-form', 'track sentinel']);
    expect(complaints).toEqual([]);
  });

  test(`storage is ${name}: a page that stays outlives an outage`, async ({
    page,
    pipeline,
    email,
    arrivals,
  }) => {
    const { pages, install, link } = pipeline;
    pages.set('/form', install.head);
    await page.addInitScript(state);
    await page.goto(`${pages.origin}/form`);
    link.set({ fault: { status: 503 } }, '/messages');
    await page.evaluate(
      (address) => sendx('identify', { email: address, firstName: 'Jane' }),
      email,
    );
    await expect.poll(() => link.passages().length).toBeGreaterThan(0);
    await page.evaluate(() => sendx('track', { addTags: ['patient'] }));
    link.set({}, '/messages');
    expect(await arrivals(2)).toEqual(['identify', 'track patient']);
  });
}

test('a sandboxed page, where storage and cookies themselves throw, sees no error', async ({
  page,
  pipeline,
  email,
  complaints,
}) => {
  const { pages, install, link } = pipeline;
  const sandbox = { 'Content-Security-Policy': 'sandbox allow-scripts' };
  pages.set('/sandbox', {
    html: `${install.head}<script>sendx('identify', { email: '${email}' })</script>`,
    headers: sandbox,
  });
  await page.goto(`${pages.origin}/sandbox`);
  for (const touch of ['localStorage', 'document.cookie'])
    await expect(page.evaluate(touch)).rejects.toThrow('SecurityError');
  // Its origin is opaque, so the proxy cannot let it in; all the same it was tried.
  await expect
    .poll(() => link.passages().map(({ body }) => body))
    .toContainEqual(expect.stringContaining(email));
  expect(complaints.filter((text) => !/CORS|ERR_FAILED/.test(text))).toEqual([]);
});

test('localStorage.clear() under way takes nothing from the page that called', async ({
  page,
  pipeline,
  email,
  arrivals,
  complaints,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/clear', install.head);
  await page.goto(`${pages.origin}/clear`);
  link.set({ latencyMs: 300 }, '/messages');
  await page.evaluate((address) => {
    sendx('identify', { email: address });
    localStorage.clear();
    sendx('track', { addTags: ['between'] });
    sendx('flush');
    localStorage.clear();
  }, email);
  await expect.poll(() => link.passages().length).toBe(1);
  await page.evaluate(() => {
    sendx('track', { addTags: ['in flight'] });
    localStorage.clear();
  });
  expect(await arrivals(3)).toEqual(['identify', 'track between', 'track in flight']);
  expect(complaints).toEqual([]);
});

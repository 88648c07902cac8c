import { expect, test } from './fixtures.ts';
import { API_KEY } from './pipeline.ts';

const FORM = `
  <form action="/thanks">
    <label>First name <input name="name"></label>
    <label>E-mail <input type="email" name="email" required></label>
    <button>Subscribe</button>
  </form>
  <script>
    document.querySelector('form').addEventListener('submit', (event) => {
      const { email, name } = event.target.elements;
      sendx('identify', { email: email.value, firstName: name.value, tags: ['newsletter'] });
      sendx('track', { addTags: ['newsletter-form'] });
    });
  </script>`;

test('a submitted form becomes a contact, once, and the next page is known', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set('/', `<title>Shop</title>${install.head}${FORM}`);
  pages.set('/thanks', `<title>Thanks</title>${install.head}`);
  pages.set('/pricing', `${install.head}<script>sendx('track', { addTags: ['pricing'] })</script>`);

  await page.goto(pages.origin);
  await page.getByLabel('First name').fill('Jane');
  await page.getByLabel('E-mail').fill(email.toUpperCase());
  await page.getByRole('button').click();
  await expect(page).toHaveTitle('Thanks');
  expect(await arrivals(2)).toEqual(['identify newsletter', 'track newsletter-form']);

  await page.goto(`${pages.origin}/pricing`);
  expect(await arrivals(3)).toEqual([
    'identify newsletter',
    'track newsletter-form',
    'track pricing',
  ]);
  expect(pipeline.emulator.contact(email)).toMatchObject({
    firstName: 'Jane',
    tags: ['newsletter', 'newsletter-form', 'pricing'],
  });
});

test('a call made before the script has loaded arrives', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  link.set({ latencyMs: 600 }, 'sendx.js');
  pages.set(
    '/early',
    `${install.head}<script>
      const early = sendx;
      const payload = { email: '${email}', tags: ['early'] };
      sendx('identify', payload);
      payload.tags.push('too late');
      window.wasLoaded = !Array.isArray(sendx.q);
      addEventListener('load', () => early('track', { addTags: [String(early === sendx)] }));
    </script>`,
  );
  await page.goto(`${pages.origin}/early`);
  expect(await page.evaluate('wasLoaded')).toBe(false);
  expect(await arrivals(2)).toEqual(['identify early', 'track true']);
});

test('the API key is in no answer, page, address or log line', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url(), JSON.stringify(request.headers())));
  page.on('response', async (response) => {
    seen.push(JSON.stringify(response.headers()), await response.text().catch(() => ''));
  });
  pages.set(
    '/key',
    `${install.head}<script>sendx('identify', { email: '${email}', tags: ['seen'] })</script>`,
  );
  // A body can be read only while its page is there.
  const answered = page.waitForResponse((response) => response.url().endsWith('/messages'));
  await page.goto(`${pages.origin}/key`);
  seen.push(await (await answered).text());
  await arrivals(1);
  for (const path of ['/v1/messages', '/', '/metrics', '/livez']) await page.goto(link.url + path);
  seen.push(await page.evaluate(() => JSON.stringify(localStorage)));
  // The sentinel: what is looked through does hold what the page sent and loaded.
  expect(seen.join('\n')).toContain(link.url);
  expect(seen.join('\n')).toContain('"results"');
  expect(pipeline.log.length).toBeGreaterThan(0);
  expect([...seen, ...pipeline.log].filter((text) => text.includes(API_KEY))).toEqual([]);
});

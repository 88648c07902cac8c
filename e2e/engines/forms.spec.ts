import { lastWord, witness } from './calls.ts';
import { expect, test } from './fixtures.ts';
import { TELL } from './shown.ts';

const FIELDS = `
  <input type="email" name="email" required>
  <input name="first_name" autocomplete="given-name">
  <input name="plan" data-sendx-field="customFields.Plan" value="Pro">
  <input type="password" name="secret" value="hunter2">
  <input type="hidden" name="token" value="t0ken">
  <button name="way" value="fast">Subscribe</button>`;

const FORM = `<form action="/thanks" data-sendx="identify" data-sendx-tags="newsletter">${FIELDS}</form>`;

/** Ways for the same form to come into a page. */
const FORMS = {
  'in the page': FORM,
  'added later': `<script>
    addEventListener('load', () => { document.body.insertAdjacentHTML('beforeend', \`${FORM}\`); });
  </script>`,
};

for (const [where, markup] of Object.entries(FORMS))
  test(`a marked form ${where} tells its contact, and sends itself as ever`, async ({
    tab,
    origin,
    pipeline,
    email,
    arrivals,
    shows,
    shown,
    ready,
  }) => {
    const { pages, install, emulator, link } = pipeline;
    pages.set('/thanks', TELL + install.head);
    pages.set('/form', `<!doctype html>${witness()}${install.head}<body>${markup}</body>`);
    await tab.visit(`${origin}/form`);
    await ready(tab);
    await shows(tab, 'document.forms.length', 1);
    const sent = pages.visits('/thanks').length;
    // Without an address it is invalid: nothing goes.
    await tab.click('button');
    await tab.click('[name=email]');
    await tab.type(email);
    await tab.click('[name=first_name]');
    await tab.type('Jane');
    await tab.click('button');
    await shown('/thanks');
    await ready(tab);
    await tab.run(lastWord('last'));
    expect(await arrivals(2)).toEqual(['identify newsletter', 'track last']);
    expect(emulator.contact(email)).toMatchObject({
      firstName: 'Jane',
      customFields: { Plan: 'Pro' },
    });
    const own = `/thanks?email=${encodeURIComponent(email)}&first_name=Jane&plan=Pro&secret=hunter2&token=t0ken&way=fast`;
    expect(
      pages
        .visits('/thanks')
        .slice(sent)
        .map(({ url }) => url),
    ).toEqual([own]);
    expect(
      link
        .passages()
        .map(({ body }) => body)
        .join(),
    ).not.toMatch(/hunter2|t0ken/);
  });

test('a marked form in a shadow root, sent by its Enter key, tells its contact', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
  shown,
  ready,
}) => {
  const { pages, install } = pipeline;
  pages.set('/thanks', TELL + install.head);
  pages.set(
    '/shadow',
    `<!doctype html>${install.head}<body><div id="host"></div><script>
      const root = document.querySelector('#host').attachShadow({ mode: 'open' });
      root.innerHTML = ${JSON.stringify(FORM)};
      const focus = () => { root.querySelector('[name=email]').focus(); };
    </script></body>`,
  );
  await tab.visit(`${origin}/shadow`);
  await ready(tab);
  await tab.run('focus()');
  await tab.type(`${email}\n`);
  await shown('/thanks');
  await ready(tab);
  await tab.run(lastWord('last'));
  expect(await arrivals(2)).toEqual(['identify newsletter', 'track last']);
});

test('a marked link tells its tags as it is followed', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
  shown,
  ready,
}) => {
  const { pages, install } = pipeline;
  pages.set('/pricing', TELL + install.head);
  pages.set(
    '/shop',
    `<!doctype html>${install.head}<a href="/pricing" data-sendx-add-tags="viewed-pricing"><b>Pricing</b></a>
    <script>sendx('identify', { email: '${email}' })</script>`,
  );
  await tab.visit(`${origin}/shop`);
  await arrivals(1);
  await tab.click('b');
  await shown('/pricing');
  await ready(tab);
  await tab.run(lastWord('last'));
  expect(await arrivals(3)).toEqual(['identify', 'track viewed-pricing', 'track last']);
});

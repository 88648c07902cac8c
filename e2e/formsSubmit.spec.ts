import type { Page } from 'playwright/test';
import { expect, test } from './formFixtures.ts';

const fields = (email: string) =>
  `<input type="email" name="email" aria-label="E-mail" required value="${email}">
   <input name="first_name" aria-label="First name" value="Jane">`;

/** Ways to submit a form that the browser then takes to the next page. */
const NATIVE: Readonly<Record<string, string>> = {
  'a button': '<button>Go</button>',
  'a button without a type in a deep wrapper': '<p><span><button><b>Go</b></button></span></p>',
  'an input': '<input type="submit" value="Go">',
  requestSubmit: '<button type="button" onclick="this.form.requestSubmit()">Go</button>',
  'requestSubmit with a submitter':
    '<button name="by" value="script" hidden></button><button type="button" onclick="this.form.requestSubmit(this.form.by)">Go</button>',
};

// Which of the two it is makes a difference to the site alone.
for (const [name, control] of Object.entries(NATIVE))
  for (const method of name === 'a button' ? ['get', 'post'] : ['post'])
    test(`a form sent by ${name} (${method}) reaches the site and SendX, once each`, async ({
      page,
      open,
      next,
      posted,
      email,
      contact,
      calls,
    }) => {
      await open(
        `<form action="${next}" method="${method}" data-sendx="identify">${fields(email)}${control}</form>`,
      );
      await page.getByRole('button', { name: 'Go' }).click();
      await expect(page).toHaveTitle('Next');
      expect(await contact()).toMatchObject({ firstName: 'Jane' });
      expect(await calls()).toHaveLength(1);
      const [{ method: used, url, body } = { method: '', url: '', body: '' }] = posted();
      expect(used).toBe(method.toUpperCase());
      expect(url + body).toContain('first_name=Jane');
      expect(posted()).toHaveLength(1);
    });

test('the pressed button’s own action, name and value still reach the site', async ({
  page,
  open,
  next,
  posted,
  email,
  contact,
}) => {
  await open(`
    <form action="/elsewhere" data-sendx="identify">${fields(email)}
      <button name="plan" value="free">Free</button>
      <button name="plan" value="pro" formaction="${next}?kept=1" formmethod="post">Pro</button>
    </form>`);
  await page.getByRole('button', { name: 'Pro' }).click();
  await expect(page).toHaveTitle('Next');
  await contact();
  expect(posted()).toEqual([
    {
      method: 'POST',
      url: `${next}?kept=1`,
      body: `email=${encodeURIComponent(email)}&first_name=Jane&plan=pro`,
    },
  ]);
});

test('a form into a new tab or a frame is read as well', async ({
  page,
  open,
  next,
  email,
  contact,
}) => {
  await open(`
    <iframe name="inner" title="Inner"></iframe>
    <form action="${next}" target="inner" data-sendx="identify">
      ${fields(`frame.${email}`)}<button>Frame</button>
    </form>
    <form action="${next}" target="_blank" data-sendx="identify">
      ${fields(`tab.${email}`)}<button>Tab</button>
    </form>`);
  await page.getByRole('button', { name: 'Frame' }).click();
  await contact(`frame.${email}`);
  const popup = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Tab' }).click();
  await expect(await popup).toHaveTitle('Next');
  await contact(`tab.${email}`);
});

test('a script that prevents the submit and fetches is not disturbed', async ({
  page,
  open,
  next,
  posted,
  email,
  contact,
  calls,
}) => {
  await open(`
    <form action="/elsewhere" data-sendx="identify">${fields(email)}<button>Go</button></form>
    <output></output>
    <script>
      // Before ours has loaded and stopping everything, as frameworks' delegates do.
      document.querySelector('form').addEventListener('submit', (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
        const body = new URLSearchParams(new FormData(event.target));
        fetch('${next}', { method: 'post', body }).then(() => {
          event.target.reset();
          document.querySelector('output').textContent = 'Thanks';
        });
      }, true);
    </script>`);
  await page.getByRole('button').click();
  await expect(page.getByText('Thanks')).toBeVisible();
  expect(await contact()).toMatchObject({ firstName: 'Jane' });
  expect(await calls()).toHaveLength(1);
  expect(posted().map(({ method }) => method)).toEqual(['POST']);
});

test('what is invalid sends nothing, natively and where the page validates itself', async ({
  page,
  open,
  email,
  contact,
  calls,
}) => {
  await open(`
    <form action="javascript:void 0" data-sendx="identify">
      <input type="email" aria-label="Browser" required value="not an address.${email}">
      <input required aria-label="Needed"><button>Native</button>
    </form>
    <form novalidate action="javascript:void 0" data-sendx="identify" onsubmit="if (!this.checkValidity()) event.preventDefault()">
      <input type="email" value="own.${email}"><input pattern="\\d+" aria-label="Number" value="x">
      <button>Own</button>
    </form>`);
  await page.getByRole('button', { name: 'Native' }).click();
  await page.getByRole('button', { name: 'Own' }).click();
  await page.getByLabel('Browser').fill(email);
  await page.getByRole('button', { name: 'Native' }).click();
  expect(await calls(`own.${email}`)).toEqual([]);
  expect(await calls(), 'the needed field is still empty').toEqual([]);
  await page.getByLabel('Needed').fill('x');
  await page.getByLabel('Number').fill('1');
  await page.getByRole('button', { name: 'Native' }).click();
  await page.getByRole('button', { name: 'Own' }).click();
  await contact();
  await contact(`own.${email}`);
});

test('form.submit() cannot be seen; sendx("form", element) says it instead', async ({
  page,
  open,
  next,
  email,
  contact,
  calls,
}) => {
  await open(`
    <form action="${next}" data-sendx="identify" id="silent">${fields(`silent.${email}`)}</form>
    <form action="${next}" data-sendx-tags="told" id="told">${fields(email)}</form>
    <button onclick="silent.submit()">Silent</button>
    <button onclick="sendx('form', told); told.submit()">Told</button>`);
  await page.getByRole('button', { name: 'Told' }).click();
  await expect(page).toHaveTitle('Next');
  expect(await contact()).toMatchObject({ firstName: 'Jane', tags: ['told'] });
  await page.goBack();
  await page.getByRole('button', { name: 'Silent' }).click();
  await expect(page).toHaveTitle('Next');
  expect(await calls(`silent.${email}`)).toEqual([]);
});

test('sendx("form", element) before the script came reads the form when it has come', async ({
  page,
  pipeline,
  open,
  email,
  contact,
}) => {
  pipeline.link.set({ latencyMs: 600 }, 'sendx.js');
  await open(`
    <form>${fields(email)}</form>
    <script>
      sendx('form', document.querySelector('form'));
      window.wasLoaded = !Array.isArray(sendx.q);
    </script>`);
  expect(await page.evaluate('wasLoaded')).toBe(false);
  expect(await contact()).toMatchObject({ firstName: 'Jane' });
});

test('forms and links added later work', async ({ page, open, email, contact, arrivals }) => {
  await open(`<main></main>`);
  await page.evaluate((address) => {
    const main = document.querySelector('main') as HTMLElement;
    main.innerHTML = `
      <a href="#x" data-sendx-add-tags="late-link">Link</a>
      <form action="javascript:void 0"><input type="email" value="${address}"><button>Go</button></form>`;
    (main.querySelector('form') as HTMLFormElement).dataset.sendx = 'identify';
  }, email);
  await page.getByRole('button').click();
  await contact();
  await page.getByRole('link').click();
  expect(await arrivals(2)).toEqual(['identify', 'track late-link']);
});

test('Enter in a field sends the form, with a button and without', async ({
  page,
  open,
  email,
  contact,
}) => {
  await open(`
    <form action="javascript:void 0" data-sendx="identify">
      <input type="email" aria-label="With" value="with.${email}"><button>Go</button>
    </form>
    <form action="javascript:void 0" data-sendx="identify">
      <input type="email" aria-label="Without" value="without.${email}">
    </form>`);
  for (const label of ['With', 'Without']) {
    await page.getByLabel(label, { exact: true }).press('Enter');
    await contact(`${label.toLowerCase()}.${email}`);
  }
});

/** Puts markup into open shadow roots, one inside the other. */
const shadow = (markup: string) => `
  <x-outer></x-outer>
  <template>${markup}</template>
  <script>
    const outer = document.querySelector('x-outer').attachShadow({ mode: 'open' });
    outer.innerHTML = '<x-inner></x-inner>';
    const inner = outer.querySelector('x-inner').attachShadow({ mode: 'open' });
    inner.append(document.querySelector('template').content);
  </script>`;

/** How a form in a shadow root is sent, and what it needs for that. */
const INSIDE: readonly (readonly [
  name: string,
  control: string,
  send: (page: Page) => Promise<void>,
])[] = [
  ['a click', '<button>Go</button>', (page) => page.getByRole('button').click()],
  [
    'Enter, without a button, focused by a script',
    '',
    async (page) => {
      await page.evaluate(`inner.querySelector('[type=email]').focus()`);
      await page.keyboard.press('Enter');
    },
  ],
];

for (const [name, control, send] of INSIDE)
  test(`a form in open shadow roots is read, once (${name})`, async ({
    page,
    open,
    email,
    contact,
    calls,
  }) => {
    await open(
      shadow(`
        <form action="javascript:void 0" data-sendx="identify" data-sendx-if="#yes">
          <input type="email" value="${email}">
          <input type="checkbox" id="yes" checked data-sendx-tag-when-checked="yes">${control}
        </form>`),
    );
    await send(page);
    expect(await contact()).toMatchObject({ tags: ['yes'] });
    expect(await calls()).toHaveLength(1);
  });

test('a form slotted into a shadow root is read once', async ({
  page,
  open,
  email,
  contact,
  calls,
}) => {
  await open(`
    <x-card><form action="javascript:void 0" data-sendx="identify">${fields(email)}<button>Go</button></form></x-card>
    <script>
      document.querySelector('x-card').attachShadow({ mode: 'open' }).innerHTML = '<slot></slot>';
    </script>`);
  await page.getByRole('button').click();
  await contact();
  expect(await calls()).toHaveLength(1);
});

test('a dialog’s form is read when it is confirmed, not when it is cancelled', async ({
  page,
  open,
  email,
  contact,
  calls,
}) => {
  await open(`
    <dialog id="ask">
      <form method="dialog" data-sendx="identify" data-sendx-tags="dialog">
        ${fields(`cancelled.${email}`)}
        <button value="cancel" formnovalidate>Cancel</button><button value="ok">Join</button>
      </form>
    </dialog>
    <dialog id="other" open>
      <form method="post" data-sendx="identify">${fields(`closed.${email}`)}<button formmethod="dialog">Close</button></form>
    </dialog>
    <button onclick="ask.showModal()">Open</button>`);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
  await page.getByRole('button', { name: 'Join' }).click();
  expect(await page.evaluate('ask.returnValue')).toBe('ok');
  expect(await contact()).toMatchObject({ tags: ['dialog'] });
  expect(await calls(`cancelled.${email}`)).toEqual([]);
  expect(await calls(`closed.${email}`)).toEqual([]);
});

test('form-associated custom elements are read where they are mapped', async ({
  page,
  open,
  email,
  contact,
}) => {
  await open(`
    <script>
      customElements.define('x-field', class extends HTMLElement {
        static formAssociated = true;
        internals = this.attachInternals();
        get value() { return this.getAttribute('value'); }
      });
    </script>
    <form action="javascript:void 0" data-sendx="identify">
      ${fields(email)}
      <x-field data-sendx-field="lastName" value="Doe"></x-field><x-field name="company" value="no"></x-field>
      <button>Go</button>
    </form>`);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({ lastName: 'Doe', company: '' });
});

test('forms and links without our attributes say nothing', async ({ page, open, email, calls }) => {
  await open(`
    <form action="javascript:void 0">${fields(email)}<button data-sendx-tags="x">Go</button></form>
    <a href="#x">Link</a>`);
  await page.getByRole('button').click();
  await page.getByRole('link').click();
  expect(await calls()).toEqual([]);
});

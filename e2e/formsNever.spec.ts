import type { Page } from 'playwright/test';
import { expect, test } from './formFixtures.ts';

/** Of every control that is never read: each must be found nowhere. */
const SECRET = /secret-[\w-]+/g;

const NEVER = `
  <input type="password" name="password" value="secret-password">
  <input type="password" data-sendx-field="firstName" value="secret-mapped-password">
  <input type="file" name="file" data-sendx-field="customFields.File" aria-label="File">
  <input type="hidden" name="company" value="secret-hidden">
  <input type="hidden" autocomplete="family-name" name="x" value="secret-hidden-token">
  <input autocomplete="cc-number" name="lastName" value="secret-card">
  <input autocomplete="section-a billing CC-CSC" data-sendx-field="company" value="secret-csc">
  <select autocomplete="cc-exp" data-sendx-field="customFields.Exp"><option>secret-exp</option></select>
  <input autocomplete="cc-given-name" name="first_name" value="secret-card-given">
  <input autocomplete="one-time-code" name="birthday" value="secret-code">
  <input autocomplete="one-time-code" data-sendx-field="customFields.Code" value="secret-mapped-code">
  <input disabled name="company" value="secret-disabled">
  <input disabled data-sendx-field="customFields.Off" value="secret-mapped-disabled">
  <fieldset disabled>
    <legend><input name="last_name" value="In legend"></legend>
    <input name="company_name" value="secret-fieldset">
    <fieldset><input data-sendx-field="customFields.Deep" value="secret-deep"></fieldset>
    <select data-sendx-field="tags"><option>secret-tag</option></select>
    <input type="checkbox" checked data-sendx-tag-when-checked="secret-box">
  </fieldset>
  <input type="radio" name="r" value="secret-radio" data-sendx-field="customFields.Radio">
  <input type="checkbox" value="secret-unticked" data-sendx-field="customFields.Box">
  <select data-sendx-field="customFields.Choice"><option>a</option><option>secret-choice</option></select>
  <select multiple data-sendx-field="customFields.Lost"><option disabled selected>secret-option</option></select>
  <textarea name="message">secret-message</textarea>
  <input name="iban" value="secret-iban"><input name="ssn" value="secret-ssn">
  <output name="email">secret-output</output>
  <button type="button" name="company" value="secret-button">No</button>
  <input type="hidden" data-sendx-field="customFields.Campaign" value="spring">`;

/** Everything that the browser keeps for the page. */
const stored = (page: Page) =>
  page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, window.name]),
  );

test('what a form must not tell is in no storage, no request, no log and not at SendX', async ({
  page,
  pipeline,
  open,
  next,
  posted,
  email,
  contact,
}) => {
  const { link, log, emulator } = pipeline;
  const requests: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.includes(next)) requests.push(url, request.postData() ?? '');
  });
  const path = await open(`
    <form method="post" action="${next}" data-sendx="identify">
      ${NEVER}<input type="email" name="email" value="${email}"><button>Go</button>
    </form>`);
  await page.getByLabel('File').setInputFiles({
    name: 'secret-name.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('secret-content'),
  });
  // Kept in the browser while it cannot be sent, so that storage has something to hold.
  link.set({ fault: { status: 503 } }, 'messages');
  await page.getByRole('button', { name: 'Go' }).click();
  await expect(page).toHaveTitle('Next');
  const kept = await stored(page);
  link.clear();
  await page.goto(pipeline.pages.origin + path);

  const { lastName, firstName, company, birthday, customFields, tags } = await contact();
  expect({ firstName, lastName, company, birthday, customFields, tags }).toEqual({
    firstName: '',
    lastName: 'In legend',
    company: '',
    birthday: '',
    customFields: { Campaign: 'spring', Choice: 'a' },
    tags: [],
  });
  // The sentinels: each of these places does hold what was to be told, and the site got its secrets.
  const places = [kept, requests.join('\n'), JSON.stringify(pipeline.received(email))];
  for (const place of places) expect(place).toContain('spring');
  expect(posted().map(({ body }) => body.match(SECRET)?.length)).toEqual([expect.any(Number)]);
  const everything = [...places, JSON.stringify(emulator.contacts()), ...log, await stored(page)];
  expect(everything.join('\n').match(SECRET)).toBeNull();
});

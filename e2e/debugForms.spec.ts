import { expect, FORM, headline, test } from './debugFixtures.ts';

test('each form tells what it would send, and why it would not', async ({
  page,
  debug,
  inspect,
}) => {
  const panel = await debug(`
    ${FORM}
    <form aria-label="Tied" data-sendx="identify" data-sendx-if="#optin"><input type="email" name="email" aria-label="Tied mail"></form>
    <label><input type="checkbox" id="optin">Opt in</label>
    <form aria-label="Trapped" data-sendx="identify"><input type="email" name="email" aria-label="Mail"><input name="url" data-sendx-trap aria-label="URL" value="x"></form>
    <form aria-label="Nameless" data-sendx="identify"><input name="q" aria-label="Query"></form>
    <form aria-label="Search"><input name="q" aria-label="Words"></form>
    <x-card></x-card>
    <script>
      document.querySelector('x-card').attachShadow({ mode: 'open' }).innerHTML =
        '<form aria-label="Inside" data-sendx="identify"><input type="email" aria-label="Deep mail"></form>';
    </script>`);
  const form = (name: string) => panel.getByRole('listitem').filter({ hasText: name });
  await expect(form('Newsletter')).toContainText(
    'Sends nothing yet: “Your e-mail” is empty or invalid.',
  );
  await expect(form('Tied')).toContainText('Sends nothing until #optin is ticked.');
  await expect(form('Trapped')).toContainText('its trap, which no person sees, was filled');
  await expect(form('Nameless')).toContainText('No e-mail field was found');
  await expect(form('Search')).toContainText('add data-sendx="identify"');
  await expect(form('Inside')).toContainText('When it is submitted it says this:');
  await page.getByLabel('First name').fill('Wilhelmina');
  await page.getByLabel('Your e-mail').fill('jane@example.com');
  await page.getByLabel('Opt in').check();
  await expect(form('Newsletter')).toContainText('When it is submitted it says this:');
  expect(await form('Newsletter').getByRole('row').allInnerTexts()).toEqual([
    'firstName\tFirst name\tW…',
    'email\tYour e-mail\tj…e@example.com',
    'tags\tdata-sendx-tags\tnewsletter',
  ]);
  await expect(form('Tied')).toContainText('When it is submitted');
  await inspect(panel);
});

test('a control is named by its label without the options in it', async ({ debug }) => {
  const panel = await debug(`<form aria-label="Choice" data-sendx="identify">
    <input type="email" aria-label="Mail">
    <label>Your plan <select data-sendx-field="customFields.Plan"><option>Free<option>Pro</select></label>
  </form>`);
  await expect(panel.getByRole('row', { name: 'customFields.Plan' })).toContainText(
    /Your plan\s*F…/,
  );
});

test('a submitted form is followed from the click to the proxy', async ({ page, debug }) => {
  const panel = await debug(FORM);
  await page.getByLabel('Your e-mail').fill('jane@example.com');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(headline(panel)).toHaveText('The call arrived.');
});

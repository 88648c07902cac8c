import { expect, FORM, headline, test } from './debugFixtures.ts';

test('a form that leads away is followed on the page that it leads to', async ({
  page,
  pipeline,
  debug,
  inspect,
}) => {
  const { pages, install } = pipeline;
  pages.set(
    '/thanks',
    `<!doctype html><html lang="en"><title>Thanks</title>${install.head}<main><h1>Thanks</h1></main>`,
  );
  const panel = await debug(FORM.replace('javascript:void 0', '/thanks'));
  await page.getByLabel('Your e-mail').fill('jane@example.com');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page).toHaveTitle('Thanks');
  await expect(headline(panel)).toHaveText('The call arrived.');
  await expect(panel.getByRole('listitem').first()).toContainText(
    // Which of both pages hears the answer is chance.
    /identify(accepted|duplicate).*j…e@example.com · tags newsletter/s,
  );
  await inspect(panel);
});

test('what was answered before the page left is told on the page that it led to, and on no other', async ({
  page,
  pipeline,
  debug,
}) => {
  const { pages, install } = pipeline;
  const next = (title: string) =>
    `<!doctype html><html lang="en"><title>${title}</title>${install.head}<main><a href="/third?sendx_debug">On</a></main>`;
  pages.set('/second', next('Second'));
  pages.set('/third', next('Third'));
  const panel = await debug(`<script>
    sendx('on', 'accepted', () => { location.href = '/second' });
    sendx('identify', { email: 'jane@example.com', tags: 'newsletter' });
  </script>`);
  await expect(page).toHaveTitle('Second');
  await expect(headline(panel)).toHaveText('The call arrived.');
  await expect(panel.getByRole('listitem').first()).toContainText(
    /identifyaccepted.*j…e@example.com · tags newsletter/s,
  );
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('jane@');
  await page.getByRole('link', { name: 'On' }).click();
  await expect(page).toHaveTitle('Third');
  await expect(headline(panel)).toHaveText(
    'Nothing was said on this page yet: no identify, no track.',
  );
});

test('what was answered before the page left for one without the script is told when it comes back, not when it is loaded anew', async ({
  page,
  pipeline,
  debug,
}) => {
  pipeline.pages.set('/bare', '<!doctype html><title>Bare</title>');
  const panel =
    await debug(`<button onclick="sendx('on', 'accepted', () => { location.href = '/bare' });
    sendx('identify', { email: 'jane@example.com', tags: 'newsletter' })">Go</button>`);
  await page.getByRole('button', { name: 'Go' }).click();
  await expect(page).toHaveTitle('Bare');
  await page.goBack();
  await expect(headline(panel)).toHaveText('The call arrived.');
  await page.reload();
  await expect(headline(panel)).toHaveText(
    'Nothing was said on this page yet: no identify, no track.',
  );
});

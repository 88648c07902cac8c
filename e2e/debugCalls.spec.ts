import { expect, FORM, headline, listen, say, test } from './debugFixtures.ts';

test('before any call it says so', async ({ debug, inspect }) => {
  const panel = await debug(FORM);
  await expect(headline(panel)).toHaveText(
    'Nothing was said on this page yet: no identify, no track.',
  );
  await inspect(panel);
});

test('a track before an identify is held', async ({ debug, inspect }) => {
  const panel = await debug(say(`sendx('track', { addTags: ['viewed-pricing'] })`));
  await expect(headline(panel)).toHaveText('1 call held until an identify tells who this is.');
  await expect(panel.getByRole('listitem').first()).toContainText('+ viewed-pricing');
  await expect(panel).toContainText('Nobody identified yet');
  await expect(panel).toContainText('1 waiting, 1 for an identify');
  await inspect(panel);
});

test('what an earlier page left waits, and is said to be of that page', async ({ debug }) => {
  const panel = await debug(`<script>
    const left = { id: 'zz1-abc-0', type: 'track', at: Date.now(), addTags: ['cold'] };
    localStorage.setItem('sendx:zz1-abc-0', JSON.stringify(left));
  </script>`);
  await expect(panel).toContainText(
    '1 waiting, 1 of an earlier page or another tab, 1 for an identify',
  );
});

test('accepted calls are told apart, with what they say masked', async ({
  page,
  debug,
  inspect,
}) => {
  const lines = listen(page);
  const panel = await debug(
    FORM +
      say(
        `sendx('track', { addTags: 'viewed-pricing', removeTags: ['cold'] })`,
        `sendx('identify', { email: 'JANE@example.com', firstName: 'Wilhelmina', tags: ['newsletter', 'lead'], customFields: { Plan: 'secretive' } })`,
        `sendx('consent', 'granted')`,
      ),
  );
  await expect(headline(panel)).toHaveText('All 2 calls arrived.');
  await expect(panel).toContainText('j…e@example.com');
  await expect(panel).toContainText('firstName W… · Plan s… · tags newsletter, lead');
  await expect(panel).toContainText('+ viewed-pricing · − cold');
  await expect(panel).toContainText('Empty');
  await expect(panel).toContainText('takes messages from this site');
  const shown = [await panel.evaluate((host) => host.shadowRoot?.textContent), ...lines].join('\n');
  expect(shown).not.toMatch(/jane@|Wilhelmina|secretive/i);
  await expect
    .poll(() => lines.join('\n'))
    .toContain(
      'info [sendx] identify: the proxy has it on disk and delivers it to SendX. (accepted, j…e@example.com · firstName W… · Plan s… · tags newsletter, lead)',
    );
  expect(lines.filter((line) => line.startsWith('warning'))).toEqual([]);
  await inspect(panel);
});

test('a message that the proxy had already counts as arrived', async ({ page, debug, inspect }) => {
  await page.route('**/v1/messages', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const { messages } = JSON.parse(route.request().postData() ?? '');
    const results = messages.map(({ id }: { id: string }) => ({ id, status: 'duplicate' }));
    const headers = { 'Access-Control-Allow-Origin': '*' };
    return route.fulfill({ status: 202, headers, json: { results } });
  });
  const panel = await debug(say(`sendx('identify', { email: 'jane@example.com' })`));
  await expect(headline(panel)).toHaveText('The call arrived.');
  await expect(panel).toContainText('duplicate');
  await inspect(panel);
});

test('pending consent holds calls in memory', async ({ debug, inspect }) => {
  const panel = await debug(say(`sendx('identify', { email: 'jane@example.com' })`), {
    attributes: 'data-consent="pending"',
  });
  await expect(headline(panel)).toHaveText(
    'Pending: calls wait in memory, nothing is stored or sent.',
  );
  await expect(panel).toContainText('Waits in this page’s memory until the visitor consents.');
  await inspect(panel);
});

test('denied consent drops calls', async ({ debug, inspect }) => {
  const panel = await debug(
    say(`sendx('consent', 'denied')`, `sendx('identify', { email: 'jane@example.com' })`),
  );
  await expect(headline(panel)).toHaveText('Denied: nothing is kept or sent.');
  await expect(panel).toContainText(
    'The visitor did not consent; the call was ignored and nothing of it is kept.',
  );
  await inspect(panel);
});

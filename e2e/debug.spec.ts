import { readFileSync } from 'node:fs';
import { closedPort, expect, headline, listen, test } from './debugFixtures.ts';

const FORM = `
  <form data-sendx="identify" data-sendx-tags="newsletter" aria-label="Newsletter" action="javascript:void 0">
    <label>First name <input name="fname"></label>
    <label>Your e-mail <input type="email" name="email" required></label>
    <label>Password <input type="password" name="password" value="hunter2"></label>
    <button>Send</button>
  </form>`;

const say = (...calls: string[]) => `<script>${calls.join(';')}</script>`;

test('nobody sees a panel, and nothing of it is loaded, where nobody asked', async ({
  page,
  debug,
  email,
  arrivals,
}) => {
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  const panel = await debug(say(`sendx('identify', { email: '${email}' })`), { query: '?x=1' });
  await arrivals(1);
  await expect(panel).toHaveCount(0);
  expect(loaded).toContain('/v1/sendx.js');
  expect(loaded.filter((path) => path.includes('debug.js'))).toEqual([]);
  expect(await page.evaluate('sendx.debug')).toBeUndefined();
});

test('data-debug opens it as the address does', async ({ debug }) => {
  const panel = await debug('', { query: '', attributes: 'data-debug' });
  await expect(headline(panel)).toHaveText(/^Nothing was said on this page yet/);
});

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
  await expect(panel).toContainText('1 waiting, 1 of them for an identify');
  await inspect(panel);
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

test('a call without a tag is explained: who, what, expected, received, consequence', async ({
  page,
  debug,
  inspect,
}) => {
  const lines = listen(page);
  const panel = await debug(
    say(`sendx('identify', { email: 'jo@example.com' })`, `sendx('track')`),
  );
  await expect(headline(panel)).toContainText('track: ');
  await expect(panel).toContainText('refused');
  const sentence =
    'the second argument must be an object, got undefined; the proxy refused it, and it will not be sent again';
  await expect(headline(panel)).toHaveText(`track: ${sentence}.`);
  expect(lines.join('\n')).toContain(`warning [sendx] track: ${sentence}. (refused)`);
  await inspect(panel);
});

/** Calls that go wrong in the page or at the proxy, and what the panel says of each. */
const FAULTS: readonly (readonly [call: string, sentence: string])[] = [
  [
    `sendx('track', { addTags: [] })`,
    'addTags must hold at least one tag, got an empty list; the proxy refused it, and it will not be sent again.',
  ],
  [
    `sendx('track', {})`,
    'addTags must hold at least one tag, got undefined; the proxy refused it, and it will not be sent again.',
  ],
  [
    `sendx('identify', { email: 'jane' })`,
    'email must be an e-mail address, got the text "j…"; the call was ignored.',
  ],
  [
    `sendx('identify', { birthday: '31/12/1990' })`,
    'birthday must be a date such as 1990-12-31, got the text "3…"; the proxy refused it, and it will not be sent again.',
  ],
  [
    `sendx('identify', { firstName: { a: 1 } })`,
    'firstName must be a text, got an object; the proxy refused it, and it will not be sent again.',
  ],
  [
    `sendx('identify', { customFields: ['a'] })`,
    'customFields must be an object of names and texts, got a list; the proxy refused it, and it will not be sent again.',
  ],
  [
    `sendx('identify', { firstname: 'Jane' })`,
    'firstname is not a property of identify; firstName is; it is left out.',
  ],
  [
    `sendx('idnetify', {})`,
    'The call’s name must be identify, track, consent, reset, flush, on, config or form, got “idnetify”; the call was ignored.',
  ],
  [
    `sendx('identify', { company: 'x'.repeat(9000) })`,
    'The message has more than 8 KiB, which is the most a page may send; the call was ignored.',
  ],
  [
    `sendx('form', document.querySelector('form'))`,
    'The form is invalid, its data-sendx-if is not ticked, or its data-sendx-trap was filled; the call was ignored.',
  ],
];

test('every fault is told in one sentence', async ({ debug, inspect }) => {
  const panel = await debug(
    FORM +
      say(`sendx('identify', { email: 'known@example.com' })`, ...FAULTS.map(([call]) => call)),
  );
  for (const [, sentence] of FAULTS)
    await expect(panel.getByText(sentence, { exact: true })).toBeVisible();
  await inspect(panel);
});

test('what the proxy refuses is told with the tags it has', async ({ debug, strict, inspect }) => {
  const panel = await debug(
    say(
      `sendx('identify', { email: 'jane@example.com', tags: ['newsletter', 'vip'] })`,
      `sendx('identify', { customFields: { Age: 29 } })`,
      `sendx('identify', { newEmail: 'joan@example.com' })`,
      `sendx('identify', { email: 'jane@example.com', signature: 'forged' })`,
    ),
    { pipeline: strict },
  );
  for (const text of [
    'A tag is not in the proxy’s ALLOWED_TAGS (this call’s are newsletter, vip); the proxy refused it, and it will not be sent again.',
    'A custom field is not in the proxy’s ALLOWED_FIELDS; the proxy refused it, and it will not be sent again.',
    'It needs a signature, made by the site’s server: newEmail, increments and protected tags do; the proxy refused it, and it will not be sent again.',
    'Its signature is not that of this e-mail address and the proxy’s secret; the proxy refused it, and it will not be sent again.',
  ])
    await expect(panel.getByText(text, { exact: true })).toBeVisible();
  await expect(headline(panel)).toContainText('calls went wrong, at last identify: ');
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

const IDENTIFY = say(`sendx('identify', { email: 'jane@example.com' })`);

test('an endpoint where nobody listens is unreachable', async ({ debug, inspect }) => {
  const host = `127.0.0.1:${await closedPort()}`;
  const panel = await debug(IDENTIFY, { attributes: `data-endpoint="http://${host}/v1/messages"` });
  await expect(headline(panel)).toHaveText(
    `Unreachable: nobody answers at ${host}. If it opens in a new tab, an extension blocks it here.`,
  );
  await expect(panel).toContainText('1 waiting');
  await expect(panel).toContainText(
    'Kept in this browser; the last attempt failed and another follows.',
  );
  await inspect(panel);
});

test('an origin that is not allowed is named', async ({ debug, strict, inspect }) => {
  const origin = strict.pages.origin.replace('localhost', '[::1]');
  const panel = await debug(IDENTIFY, { pipeline: strict, origin });
  await expect(headline(panel)).toHaveText(
    `The proxy does not take messages from ${origin}: add it to ALLOWED_ORIGINS.`,
  );
  await inspect(panel);
});

test('an answer without CORS headers is told from a refused origin', async ({
  debug,
  pipeline,
  inspect,
}) => {
  const { pages } = pipeline;
  pages.set('/bare/messages', 'no CORS here');
  const panel = await debug(IDENTIFY, {
    attributes: `data-endpoint="${pages.foreign}/bare/messages"`,
  });
  const { host } = new URL(pages.foreign);
  await expect(headline(panel)).toHaveText(
    `${host} answers without CORS headers: the URL is wrong, or a server in between removes them.`,
  );
  await inspect(panel);
});

test('a wrong URL is told by what answers', async ({ debug, pipeline, inspect }) => {
  const { url } = pipeline.link;
  const panel = await debug(IDENTIFY, { attributes: `data-endpoint="${url}/v2/messages"` });
  await expect(headline(panel)).toHaveText(
    `Wrong URL: ${new URL(url).host} answers 404 at /v2/messages, but no sendx proxy is there.`,
  );
  await inspect(panel);
});

test('a proxy that is down behind its server is told by its status', async ({
  debug,
  pipeline,
  inspect,
}) => {
  pipeline.link.set({ fault: { status: 502 } }, 'messages');
  const panel = await debug(IDENTIFY);
  const { host } = new URL(pipeline.link.url);
  await expect(headline(panel)).toHaveText(
    `${host} answers 502: the proxy is down or busy; everything is kept and sent later.`,
  );
  await inspect(panel);
  pipeline.link.clear();
  await panel.getByRole('button', { name: 'Check again' }).click();
  await expect(panel).toContainText('takes messages from this site');
});

test('the endpoint’s row follows what later requests show, and the headline with it', async ({
  page,
  debug,
  pipeline,
  complaints,
  inspect,
}) => {
  const panel = await debug(IDENTIFY);
  await expect(headline(panel)).toHaveText('The call arrived.');
  await expect(panel).toContainText('takes messages from this site');
  expect(complaints, 'the check itself is no error on the console').toEqual([]);
  pipeline.link.set({ fault: { status: 502 } }, 'messages');
  await page.evaluate(`sendx('track', { addTags: ['later'] })`);
  await expect(headline(panel)).toContainText('answers 502: the proxy is down or busy');
  await expect(panel).not.toContainText('takes messages from this site');
  await inspect(panel);
  pipeline.link.clear();
  await expect(headline(panel)).toHaveText('All 2 calls arrived.', { timeout: 15_000 });
  await expect(panel).toContainText('takes messages from this site');
});

test('a call that was put right leaves the headline and stays in the list', async ({
  page,
  debug,
  inspect,
}) => {
  const panel = await debug(
    say(
      `sendx('track', {})`,
      `sendx('idnetify', {})`,
      `sendx('identify', { email: 'jo@example.com' })`,
    ),
  );
  await expect(headline(panel), 'an identify puts no track right').toContainText(
    'track: addTags must hold at least one tag',
  );
  await page.evaluate(`sendx('track', { addTags: ['lead'] })`);
  await expect(headline(panel)).toHaveText('All 2 calls arrived.');
  await expect(panel).toContainText('addTags must hold at least one tag');
  await expect(panel).toContainText('idnetify');
  await inspect(panel);
});

test('a Content-Security-Policy that forbids it is named, and allows the panel itself', async ({
  debug,
  pipeline,
  inspect,
}) => {
  const { url } = pipeline.link;
  const nonce = 'r4nd0m';
  const panel = await debug('', {
    head: `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'none'; connect-src 'self'">
      <script nonce="${nonce}" src="${url}/v1/sendx.js"></script>`,
  });
  await expect(headline(panel)).toHaveText(
    `The page’s Content-Security-Policy blocks it: add ${url} to connect-src.`,
  );
  expect(await headline(panel).evaluate((one) => getComputedStyle(one).fontWeight)).toBe('600');
  // axe has nothing to say of a policy; the pictures show that the style sheet is there.
  await inspect(panel);
});

test('requests that an extension blocks are told from a dead server', async ({
  page,
  debug,
  pipeline,
  inspect,
}) => {
  await page.route('**/v1/messages', (route) => route.abort('blockedbyclient'));
  const panel = await debug(IDENTIFY);
  await expect(headline(panel)).toHaveText(
    `A browser extension or filter blocks ${pipeline.link.url}/v1/messages: try a private window without extensions.`,
  );
  await inspect(panel);
});

test('a browser that is offline is told so', async ({ page, context, debug, inspect }) => {
  const panel = await debug(IDENTIFY);
  await expect(headline(panel)).toHaveText('The call arrived.');
  await context.setOffline(true);
  await panel.getByRole('button', { name: 'Check again' }).click();
  await expect(headline(panel)).toHaveText(
    'This browser is offline: everything is kept and sent later.',
  );
  await inspect(panel);
  await page.evaluate(`sendx('track', { addTags: ['later'] })`);
  await expect(panel).toContainText('1 waiting');
});

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
  await expect(form('Inside')).toContainText('When it is submitted it sends this:');
  await page.getByLabel('First name').fill('Wilhelmina');
  await page.getByLabel('Your e-mail').fill('jane@example.com');
  await page.getByLabel('Opt in').check();
  await expect(form('Newsletter')).toContainText('When it is submitted it sends this:');
  expect(await form('Newsletter').getByRole('row').allInnerTexts()).toEqual([
    'firstName\tFirst name\tW…',
    'email\tYour e-mail\tj…e@example.com',
    'tags\tdata-sendx-tags\tnewsletter',
  ]);
  await expect(form('Tied')).toContainText('When it is submitted');
  await inspect(panel);
});

test('a submitted form is followed from the click to the proxy', async ({ page, debug }) => {
  const panel = await debug(FORM);
  await page.getByLabel('Your e-mail').fill('jane@example.com');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(headline(panel)).toHaveText('The call arrived.');
});

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

test('a pinned script loads the panel of its own version', async ({ page, debug, pipeline }) => {
  const { version } = JSON.parse(
    readFileSync(new URL('../dist/manifest.json', import.meta.url), 'utf8'),
  );
  const { url } = pipeline.link;
  const loaded = page.waitForRequest(`${url}/${version}/debug.js`);
  const panel = await debug('', {
    head: `<script src="${url}/${version}/sendx.js" data-endpoint="${url}/v1/messages"></script>`,
  });
  await loaded;
  await expect(panel).toContainText('takes messages from this site');
});

test('it is used by keyboard: Escape folds it, Enter opens it, the page keeps its focus', async ({
  page,
  debug,
  inspect,
}) => {
  const panel = await debug(`<button>Page</button>${FORM}`);
  const fold = panel.getByRole('button', { name: 'Fold' });
  await expect(fold).toBeVisible();
  expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY');
  await page.getByRole('button', { name: 'Send', exact: true }).focus();
  await page.keyboard.press('Escape');
  await expect(fold, 'Escape elsewhere is the page’s').toBeVisible();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('button', { name: 'Check again' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(fold).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('group', { name: 'Details' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel.getByRole('region')).toBeHidden();
  const pill = panel.getByRole('button', { name: 'SendX debug' });
  await expect(pill).toBeFocused();
  await inspect(panel);
  await page.keyboard.press('Enter');
  await expect(fold).toBeFocused();
  await expect(panel.getByRole('region', { name: 'SendX debug' })).toBeVisible();
});

test('it moves nothing on the page, and the page’s styles and handlers do not reach it', async ({
  page,
  debug,
}) => {
  const head = `<style>* { font-size: 40px !important; margin: 9px } sendx-debug { display: none !important; transform: scale(3) }</style>
    <script>
      shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true });
      clicks = 0;
      addEventListener('click', () => clicks++);
    </script>`;
  const geometry = () =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      const boxes = Array.from(document.body.querySelectorAll('*'), (one) =>
        one.getBoundingClientRect().toJSON(),
      );
      return { scrollWidth, scrollHeight, boxes, styles: document.adoptedStyleSheets.length };
    });
  await debug(FORM, { head, query: '' });
  const before = await geometry();
  const panel = await debug(FORM, { head });
  await expect(headline(panel)).toBeVisible();
  await panel.getByRole('button', { name: 'Check again' }).click();
  expect(await geometry()).toEqual(before);
  const moved = await page.evaluate(
    'shifts.flatMap(({ sources }) => sources).filter(({ node }) => document.body.contains(node))',
  );
  expect(moved).toEqual([]);
  expect(await page.evaluate('clicks')).toBe(0);
  expect(await headline(panel).evaluate((one) => getComputedStyle(one).fontSize)).toBe('13px');
});

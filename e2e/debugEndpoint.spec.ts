import { closedPort } from './closedPort.ts';
import { expect, headline, say, test } from './debugFixtures.ts';
import type { Pipeline } from './pipeline.ts';

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
  page,
  debug,
  pipeline,
  inspect,
}) => {
  pipeline.link.set({ fault: { status: 502 } }, 'messages');
  const panel = await debug(IDENTIFY);
  await expect(headline(panel)).toHaveText(
    'The endpoint answers 502 to messages: it is down or busy; everything is kept and sent later.',
  );
  await inspect(panel);
  pipeline.link.clear();
  await panel.getByRole('button', { name: 'Check again' }).click();
  // What messages are answered goes before the check, and the pause before the next one grows.
  await page.evaluate(`localStorage.removeItem('sendx:due'); sendx('flush')`);
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
  await expect(headline(panel)).toContainText('answers 502 to messages: it is down or busy');
  await expect(panel).not.toContainText('takes messages from this site');
  await inspect(panel);
  pipeline.link.clear();
  await expect(headline(panel)).toHaveText('All 2 calls arrived.', { timeout: 15_000 });
  await expect(panel).toContainText('takes messages from this site');
});

test('an answer to messages goes before that to the check, until messages are taken', async ({
  page,
  debug,
  pipeline,
  inspect,
}) => {
  const panel = await debug(IDENTIFY);
  await expect(headline(panel)).toHaveText('The call arrived.');
  // A store that is down: an envelope without messages never gets as far.
  const headers = { 'Retry-After': '3600' };
  pipeline.link.set({ fault: { status: 503, headers, over: 99 } }, 'messages');
  await page.evaluate(`sendx('track', { addTags: ['later'] })`);
  const sentence =
    'The endpoint answers 503 to messages: it is down or busy; everything is kept and sent later.';
  await expect(headline(panel)).toHaveText(sentence);
  const checked = page.waitForResponse(
    (response) => response.ok() && !!response.request().postData()?.includes('"messages":[]'),
  );
  await panel.getByRole('button', { name: 'Check again' }).click();
  await checked;
  await inspect(panel);
  await expect(headline(panel)).toHaveText(sentence);
  await expect(panel).not.toContainText('takes messages from this site');
  pipeline.link.clear();
  await page.evaluate(`localStorage.removeItem('sendx:due'); sendx('flush')`);
  await expect(headline(panel)).toHaveText('All 2 calls arrived.');
  await expect(panel).toContainText('takes messages from this site');
});

test('an endpoint that refuses messages for good is told while the check is let in', async ({
  debug,
  pipeline,
  inspect,
}) => {
  pipeline.link.set({ fault: { status: 403, over: 99 } }, 'messages');
  const panel = await debug(IDENTIFY);
  await expect(headline(panel)).toHaveText(
    'The endpoint answers 403 to messages: everything is kept in this browser; nothing more is tried on this page.',
  );
  await inspect(panel);
  await expect(panel).not.toContainText('takes messages from this site');
});

/** Requests of the panel's own. */
const checks = ({ link }: Pipeline) =>
  link.passages().filter(({ body }) => body.includes('"messages":[]')).length;

test('a redirect that messages follow is good, and is checked once', async ({
  page,
  debug,
  pipeline,
  inspect,
}) => {
  const { link } = pipeline;
  const address = `${link.url}/v1/messages`;
  link.set({ fault: { status: 308, headers: { Location: address } } }, '/moved');
  const panel = await debug(IDENTIFY, { attributes: `data-endpoint="${link.url}/moved"` });
  await expect(headline(panel)).toHaveText('The call arrived.');
  await expect(panel).toContainText(
    `The proxy takes messages from this site. The endpoint redirects to ${address}, which costs a round trip.`,
  );
  await page.evaluate(`sendx('track', { addTags: ['one'] })`);
  await expect(headline(panel)).toHaveText('All 2 calls arrived.');
  await page.evaluate(`sendx('track', { addTags: ['two'] })`);
  await expect(headline(panel)).toHaveText('All 3 calls arrived.');
  await panel.getByRole('button', { name: 'Check again' }).click();
  await inspect(panel);
  expect(checks(pipeline), 'at first, and when somebody asked').toBe(2);
});

test('a redirect where messages are lost is told', async ({ debug, pipeline, inspect }) => {
  const { link } = pipeline;
  const address = `${link.url}/v1/messages`;
  link.set({ fault: { status: 301, headers: { Location: address } } }, '/moved');
  const panel = await debug('', { attributes: `data-endpoint="${link.url}/moved"` });
  await expect(headline(panel)).toHaveText(
    `The endpoint redirects to ${address}, where messages do not arrive.`,
  );
  await inspect(panel);
});

test('a message that is accepted proves the endpoint where the check alone fails', async ({
  page,
  debug,
}) => {
  let checked = 0;
  await page.route('**/v1/messages', async (route) => {
    if (!route.request().postData()?.includes('"messages":[]')) return route.fallback();
    checked++;
    return route.abort('blockedbyclient');
  });
  const panel = await debug('');
  await expect(headline(panel)).toContainText('The proxy does not take messages from');
  await page.evaluate(`sendx('identify', { email: 'jane@example.com' })`);
  await expect(headline(panel)).toHaveText('The call arrived.');
  await expect(panel).toContainText('takes messages from this site');
  await page.evaluate(`sendx('track', { addTags: ['one'] })`);
  await expect(headline(panel)).toHaveText('All 2 calls arrived.');
  await panel.getByRole('button', { name: 'Check again' }).click();
  await expect(headline(panel)).toContainText('The proxy does not take messages from');
  expect(checked, 'at first, and when somebody asked').toBe(2);
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

test('what was unreachable is checked again once the browser is online', async ({
  context,
  debug,
}) => {
  const panel = await debug('');
  await context.setOffline(true);
  await panel.getByRole('button', { name: 'Check again' }).click();
  await expect(headline(panel)).toContainText('This browser is offline');
  await context.setOffline(false);
  await expect(panel).toContainText('takes messages from this site');
  await expect(headline(panel)).toContainText('Nothing was said on this page yet');
});

test('what was unreachable is checked again once the page comes into view', async ({
  page,
  debug,
  pipeline,
}) => {
  pipeline.link.set({ fault: 'cut' }, 'messages');
  const panel = await debug('');
  await expect(headline(panel)).toContainText('A browser extension or filter blocks');
  pipeline.link.clear();
  // No browser here hides a page behind another without a window.
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`);
  await expect(panel).toContainText('takes messages from this site');
  await expect(headline(panel)).toContainText('Nothing was said on this page yet');
});

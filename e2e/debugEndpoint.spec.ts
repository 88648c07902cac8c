import { closedPort } from './closedPort.ts';
import { expect, headline, say, test } from './debugFixtures.ts';

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

import { readFileSync } from 'node:fs';
import { expect, FORM, headline, say, test } from './debugFixtures.ts';

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

test('config opens it too: with debug, or with the endpoint that an inline script lacks', async ({
  debug,
  pipeline,
}) => {
  const { install, link } = pipeline;
  const panel = await debug(say(`sendx('config', { endpoint: '${link.url}/v1/messages' })`), {
    head: `<script>${install.inline}</script>`,
  });
  await expect(panel).toContainText('takes messages from this site');
  const again = await debug(say("sendx('config', { debug: true })"), { query: '' });
  await expect(headline(again)).toBeVisible();
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

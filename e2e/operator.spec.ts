import type { Page } from 'playwright/test';
import { findBarriers, NO_BARRIERS } from './barriers.ts';
import { test as base, expect } from './fixtures.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';

/** A proxy of the test's own: what these pages count must not come from other tests. */
const test = base.extend<{ own: Pipeline }>({
  own: async ({ browserName: _ }, use) => {
    const own = await startPipeline({ ALLOWED_TAGS: 'newsletter' });
    await use(own);
    await own.close();
  },
});

let calls = 0;
const identify = (traits: object = {}) => ({
  id: `operator-${calls++}`,
  type: 'identify',
  at: Date.now(),
  email: `canary-${calls}@example.com`,
  traits,
});

/** Sends messages as a page of an allowed site does. */
async function send(own: Pipeline, messages: readonly object[], lost = {}): Promise<void> {
  const response = await fetch(own.install.script.replace('sendx.js', 'messages'), {
    method: 'POST',
    headers: { Origin: own.pages.origin, 'Content-Type': 'text/plain;charset=UTF-8' },
    body: JSON.stringify({ v: 1, sentAt: Date.now(), messages, ...lost }),
  });
  expect(response.status).toBe(202);
}

/** An operator who comes back to the tab twice a second: that asks at once, the page alone every two. */
const hurry = (page: Page) =>
  page.addInitScript(
    "setInterval(() => document.dispatchEvent(new Event('visibilitychange')), 500)",
  );

const SUMMARY = ['waiting', 'delivered', 'duplicates', 'refused', 'lost', 'dead'] as const;
const number = (page: Page, id: (typeof SUMMARY)[number]) => page.locator(`#${id}`);

test('the view of an idle proxy is all zeros', async ({ page, own, complaints }) => {
  await page.goto(own.adminUrl);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  for (const id of SUMMARY) await expect(number(page, id)).toHaveText('0');
  await expect(page.getByRole('heading', { name: 'Delivering' })).toBeVisible();
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
  expect(complaints).toEqual([]);
});

test('what comes, goes, is refused or was lost shows without a reload, and names nobody', async ({
  page,
  own,
  complaints,
}) => {
  await page.goto(own.adminUrl);
  const [first, ...rest] = [identify(), identify(), identify({ tags: ['forbidden'] })];
  await send(own, [first, ...rest]);
  await send(own, [first], { lost: { expired: 2, evicted: 1 } });
  await expect(number(page, 'delivered')).toHaveText('2');
  await expect(number(page, 'duplicates')).toHaveText('1');
  await expect(number(page, 'refused')).toHaveText('1');
  await expect(number(page, 'lost')).toHaveText('3');
  await expect(page.getByText('tag_not_allowed')).toBeVisible();
  await expect(page.locator('#recent tr')).toHaveCount(2);
  expect(await page.content()).not.toContain('canary');
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
  expect(complaints).toEqual([]);
});

test('while SendX is down the view says so, and what waits', async ({ page, own }) => {
  await hurry(page);
  await page.goto(own.adminUrl);
  own.emulator.addFault({ kind: 'status', status: 503, times: 100 });
  await send(own, [identify(), identify(), identify()]);
  await expect(page.locator('#upstream')).toHaveAttribute('data-state', /bad|wait/);
  await expect(page.locator('#upstream-text')).toHaveText(
    /^SendX answers with an error \(503\) since \d\d:\d\d:\d\d\. 3 messages wait; nothing is lost\./,
  );
  await expect(number(page, 'waiting')).toHaveText('3');
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
});

test('a first failure shows, though messages of other contacts are not held back', async ({
  page,
  own,
}) => {
  await hurry(page);
  await page.goto(own.adminUrl);
  own.emulator.addFault({ kind: 'status', status: 503, times: 1, retryAfter: 30 });
  await send(own, [identify()]);
  await expect(page.getByRole('heading', { name: 'Some deliveries fail' })).toBeVisible();
  await expect(page.locator('#upstream-text')).toHaveText(
    /\(503\) since .+ One message waits; nothing is lost\. SendX is asked again in \d+ s\.$/,
  );
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
});

test('a dead letter is retried or dropped by a button', async ({ page, own, complaints }) => {
  await hurry(page);
  await page.goto(own.adminUrl);
  own.emulator.addFault({ kind: 'status', status: 422, times: 2 });
  const [first, second] = [identify(), identify()];
  await send(own, [first]);
  await send(own, [second]);
  await expect(number(page, 'dead')).toHaveText('2');
  await expect(page.getByText('SendX refused it')).toHaveCount(2);
  expect(await page.content()).not.toContain('canary');
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);

  await page.getByRole('button', { name: `Retry identify ${first.id}` }).click();
  await expect(number(page, 'dead')).toHaveText('1');
  await expect.poll(() => own.received(first.email).length).toBe(2);
  await page.getByRole('button', { name: `Drop identify ${second.id}` }).click();
  await expect(number(page, 'dead')).toHaveText('1');
  await page.getByRole('button', { name: `Really drop identify ${second.id}?` }).click();
  await expect(number(page, 'dead')).toHaveText('0');
  expect(own.received(second.email)).toHaveLength(1);
  expect(complaints).toEqual([]);
});

test('what the install page says to paste passes its own check', async ({
  page,
  own,
  complaints,
}) => {
  await page.goto(`${own.adminUrl}/install`);
  const paste = page.getByRole('group', { name: 'Plain HTML, Paste, always current' });
  await expect(paste).toContainText('https://t.example.com/v1/sendx.js');
  await page.getByLabel('Public address').fill('localhost:8787');
  await expect(paste).toContainText('http://localhost:8787/v1/sendx.js');
  await page.getByLabel('Public address').fill(own.link.url);
  await expect(paste).toHaveText(own.install.head);
  await page.getByLabel('Address of the page').fill(own.pages.origin);
  await page
    .getByRole('textbox', { name: 'Source' })
    .fill(`<head>${await paste.textContent()}</head>`);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.locator('#findings .badge')).toHaveText(['good', 'good', 'good']);
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
  expect(complaints).toEqual([]);
});

test('the install page tells a page without the snippet what is missing', async ({
  page,
  own,
  complaints,
}) => {
  await page.goto(`${own.adminUrl}/install`);
  await page.getByLabel('Public address').fill(own.link.url);
  await page.getByLabel('Address of the page').fill(own.pages.origin);
  const source = page.getByRole('textbox', { name: 'Source' });
  const check = page.getByRole('button', { name: 'Check', exact: true });
  await source.fill('<p>nothing</p>');
  await check.click();
  const badges = page.locator('#findings .badge');
  await expect(badges).toHaveText(['wrong', 'wrong', 'good']);
  await expect(badges.first()).toBeInViewport();
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
  // What is wrong stands first, and no verdict outlives its page's source.
  await source.fill(
    `${own.install.head}<form data-sendx="identify" data-sendx-tags="nope"></form>`,
  );
  await page.getByLabel('Address of the page').fill('https://elsewhere.example');
  await check.click();
  await expect(badges).toHaveText(['wrong', 'wrong', 'good', 'good']);
  await source.fill('');
  await check.click();
  await expect(badges).toHaveCount(0);
  expect(complaints).toEqual([]);
});

import { readdirSync } from 'node:fs';
import type { Page } from 'playwright/test';
import type { JournalEntry } from '../src/emulator/journal.ts';
import { ALL_LOOKS, findBarriers, NO_BARRIERS } from './barriers.ts';
import { startDemo } from './demoProcess.ts';
import { expect, test } from './fixtures.ts';

const inShort = ({ path, body }: JournalEntry) => {
  const { tags, addTags } = body as Readonly<Record<string, readonly string[] | undefined>>;
  return [path.split('/').pop(), ...(tags ?? addTags ?? [])].join(' ');
};

/** Goes on with Tab until a control has the focus, as one does who has no mouse. */
async function tabTo(page: Page, label: string): Promise<void> {
  const control = page.getByLabel(label).or(page.getByRole('button', { name: label }));
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await control.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab never reached "${label}".`);
}

/** Fills the newsletter form and sends it, by keyboard alone; the browser goes on to a next page. */
async function subscribe(page: Page, email: string): Promise<void> {
  await tabTo(page, 'First name');
  await page.keyboard.type('Jane');
  await tabTo(page, 'E-mail');
  await page.keyboard.type(email);
  await tabTo(page, 'Send me the letter');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/thanks$/);
}

test('a form sent by keyboard becomes one contact, and the browser is on the next page', async ({
  page,
  demo,
}) => {
  const email = 'jane@example.com';
  await page.goto(demo.site);
  await subscribe(page, email);
  await expect(page).toHaveURL(`${demo.site}/thanks`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are on the list.');
  await expect.poll(async () => (await demo.contact(email))?.tags).toContain('newsletter-form');

  // The sentinel: when it has come, so would everything that was sent twice before it.
  await page.getByRole('link', { name: 'See what classes cost' }).click();
  await expect.poll(async () => (await demo.contact(email))?.tags).toContain('viewed-pricing');
  expect(await demo.contact(email)).toMatchObject({
    firstName: 'Jane',
    tags: ['newsletter', 'newsletter-form', 'viewed-pricing'],
  });
  const received = await demo.received(email);
  expect(received.map(inShort)).toEqual([
    'identify newsletter newsletter-form',
    'track viewed-pricing',
  ]);
  expect(received.every(({ status, authorised }) => status === 200 && authorised)).toBe(true);
});

test('what a visitor did before they gave a name reaches their contact', async ({ page, demo }) => {
  const email = 'early@example.com';
  await page.goto(demo.site);
  await page.getByRole('link', { name: 'See prices' }).click();
  await page.getByRole('link', { name: 'Ask for a wheel' }).click();
  await expect(page).toHaveURL(`${demo.site}/#letter`);
  await subscribe(page, email);
  await expect
    .poll(async () => (await demo.received(email)).map(inShort))
    .toEqual([
      'identify newsletter newsletter-form',
      'track viewed-pricing',
      'track viewed-wheel-member',
    ]);
  expect((await demo.contact(email))?.tags).toContain('viewed-wheel-member');
});

test('the live view shows a contact as soon as there is one', async ({ page, context, demo }) => {
  const email = 'watched@example.com';
  await page.goto(demo.liveView);
  const shop = await context.newPage();
  await shop.goto(demo.site);
  await subscribe(shop, email);
  await expect(page.getByText(email).first()).toBeVisible();
});

const PAGES = readdirSync(new URL('../demo/site/', import.meta.url), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => file.endsWith('.html') && !file.startsWith('_parts'))
  .map((file) => `/${file.replaceAll('\\', '/').replace(/(^|\/)index\.html$|\.html$/, '$1')}`);

for (const path of PAGES)
  test(`${path} has no barrier, light or dark, wide or narrow`, async ({ page, demo }) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    const answer = await page.goto(demo.site + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await findBarriers(page)).toEqual(NO_BARRIERS);
    const isMissing = answer?.status() === 404;
    expect(faults.length, faults.join('\n')).toBe(isMissing ? 1 : 0);
  });

test('the live view has no barrier, light or dark, wide or narrow', async ({ page, demo }) => {
  await page.goto(demo.site);
  await subscribe(page, 'looked-at@example.com');
  await page.goto(demo.liveView);
  await expect(page.getByText('looked-at@example.com').first()).toBeVisible();
  await page.getByText('Undocumented rules').click();
  expect(await findBarriers(page)).toEqual(NO_BARRIERS);
});

test('a page with barriers would be told, and in which look they are', async ({ page }) => {
  const image = expect.stringMatching(/^image-alt /);
  const contrast = expect.stringMatching(/^color-contrast /);
  const width = expect.stringMatching(/ pixels too wide$/);
  await page.setContent(`<html lang="en"><title>Bad</title>
    <style>
      @media (prefers-color-scheme: dark) { p { color: #ddd } }
      @media (width < 600px) { div { width: 3000px } }
    </style>
    <main><h1>Bad</h1><img src="data:,"><p>Words</p><div>Wide</div></main>`);
  expect(await findBarriers(page, ALL_LOOKS)).toEqual({
    'light wide': [image],
    'light narrow': [image, width],
    'dark wide': [contrast, image],
    'dark narrow': [contrast, image, width],
  });
  expect(Object.keys(await findBarriers(page)).length).toBeGreaterThanOrEqual(2);
});

test('Ctrl-C ends everything', async ({ page }) => {
  const demo = await startDemo();
  await page.goto(demo.liveView);
  expect(await demo.interrupt()).toEqual({ code: 0, complaint: '', portsFree: true });
});

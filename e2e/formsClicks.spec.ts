import type { Locator } from 'playwright/test';
import { expect, test } from './formFixtures.ts';

/** Says who the visitor is, so that tracks are sent at once. */
const known = (email: string) => `<script>sendx('identify', { email: '${email}' })</script>`;

const link = (next: string, more = '') =>
  `<a href="${next}" data-sendx-add-tags="viewed-pricing, hot" data-sendx-remove-tags="cold" ${more}>Pricing</a>`;

const TRACK = 'track viewed-pricing,hot -cold';

/** How a visitor follows a link, and where the browser shows the next page. */
interface Way {
  readonly click?: Parameters<Locator['click']>[0];
  readonly key?: string;
  readonly opens: 'here' | 'tab';
  /** Further attributes of the link. */
  readonly more?: string;
}

const WAYS: Readonly<Record<string, Way>> = {
  'a click': { click: {}, opens: 'here' },
  'a click, target=_blank': { click: {}, opens: 'tab', more: 'target="_blank"' },
  'the middle button': { click: { button: 'middle' }, opens: 'tab' },
  'a click with Control': { click: { modifiers: ['ControlOrMeta'] }, opens: 'tab' },
  Enter: { key: 'Enter', opens: 'here' },
  'Enter, target=_blank': { key: 'Enter', opens: 'tab', more: 'target="_blank" rel="noopener"' },
};

for (const [name, way] of Object.entries(WAYS))
  test(`a link followed by ${name} opens as it would and adds its tags, once`, async ({
    page,
    open,
    next,
    email,
    arrivals,
    calls,
  }) => {
    const path = await open(known(email) + link(next, way.more));
    const target = page.getByRole('link');
    const opened = way.opens === 'tab' ? page.context().waitForEvent('page') : page;
    if (way.key) await target.press(way.key);
    else await target.click(way.click);
    await expect(await opened).toHaveTitle('Next');
    expect(new URL(page.url()).pathname).toBe(way.opens === 'tab' ? path : next);
    expect(await arrivals(2)).toEqual(['identify', TRACK]);
    expect(await calls()).toHaveLength(2);
  });

test('what a visitor clicked before they gave a name reaches their contact', async ({
  page,
  open,
  next,
  email,
  arrivals,
}) => {
  await open(link(next));
  await page.getByRole('link').click();
  await expect(page).toHaveTitle('Next');
  await open(`
    <form action="javascript:void 0" data-sendx="identify"><input type="email" value="${email}"><button>Go</button></form>`);
  await page.getByRole('button').click();
  expect(await arrivals(2)).toEqual(['identify', TRACK]);
});

test('buttons, parts of links, and links in shadow roots add tags; by keyboard too', async ({
  page,
  open,
  email,
  arrivals,
}) => {
  await open(`
    ${known(email)}
    <button data-sendx-add-tags="button">Button</button>
    <a href="#x" data-sendx-add-tags="icon"><svg width="20" height="20" role="img" aria-label="Icon"><circle r="9"/></svg></a>
    <x-card></x-card>
    <button data-sendx-remove-tags="button"><b>Forget</b></button>
    <script>
      document.querySelector('x-card').attachShadow({ mode: 'open' }).innerHTML =
        '<a href="#y" data-sendx-add-tags="shadow">Shadow</a>';
      // Nothing that the page does with its clicks matters.
      document.addEventListener('click', (event) => event.stopImmediatePropagation(), true);
    </script>`);
  await page.getByRole('button', { name: 'Button' }).press('Space');
  await page.getByRole('img').click();
  await page.getByText('Shadow').click();
  await page.getByText('Forget').click();
  expect(await arrivals(5)).toEqual([
    'identify',
    'track button',
    'track icon',
    'track shadow',
    'track -button',
  ]);
});

test('the right button, a key that does not press, and a disabled button say nothing', async ({
  page,
  open,
  email,
  contact,
  calls,
}) => {
  await open(`
    ${known(email)}
    <a href="#x" data-sendx-add-tags="link">Link</a>
    <button disabled data-sendx-add-tags="off">Off</button>`);
  await contact();
  await page.getByRole('link').click({ button: 'right' });
  await page.getByRole('link').press('ArrowDown');
  await page.getByRole('link').press('Tab');
  await page.getByRole('button').click({ force: true });
  expect(await calls()).toHaveLength(1);
});

test('a tag on a submit button travels with its form', async ({
  page,
  open,
  next,
  email,
  arrivals,
}) => {
  await open(`
    <form action="${next}" data-sendx="identify" data-sendx-tags="letter">
      <input type="email" value="${email}"><button data-sendx-add-tags="pressed">Go</button>
    </form>`);
  await page.getByRole('button').click();
  await expect(page).toHaveTitle('Next');
  expect((await arrivals(2)).toSorted()).toEqual(['identify letter', 'track pressed']);
});

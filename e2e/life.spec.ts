import { openBareBrowser } from './bareBrowser.ts';
import { say } from './debugFixtures.ts';
import { expect, test } from './fixtures.ts';
import type { Pages } from './pages.ts';

test('a hidden page sends what waits for company', async ({ page, pipeline, email, arrivals }) => {
  const { pages, install } = pipeline;
  pages.set('/hidden', install.head);
  await page.goto(`${pages.origin}/hidden`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await arrivals(1);
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1000);
  await page.evaluate(() => {
    sendx('track', { addTags: ['last word'] });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  expect(await arrivals(2)).toEqual(['identify', 'track last word']);
});

/** A site of a test's own, whose page `start` has `ahead` prerendered, and moves on to `next` when told. */
function prerender(pages: Pages, name: string, start: string, ahead: string, next = 'ahead') {
  const at = (path: string) => `/${name}/${path}`;
  const rules = { prerender: [{ urls: [at('ahead')], eagerness: 'immediate' }] };
  pages.set(
    at('start'),
    `<script type="speculationrules">${JSON.stringify(rules)}</script>${start}<script>
      setInterval(async () => { if ((await fetch('${at('go')}')).ok) location = '${at(next)}'; }, 100);
    </script>`,
  );
  pages.set(
    at('ahead'),
    // The sentinel comes behind the time at which a page sends whatever there is.
    `${ahead}<script>
      setTimeout((was) => fetch('${at('sentinel')}?prerendered=' + was), 2500, document.prerendering);
      document.addEventListener('prerenderingchange', () => {
        setTimeout(() => fetch('${at('seen')}'), 1500);
      });
    </script>`,
  );
  const until = (path: string) =>
    expect.poll(() => pages.visits(at(path)).map(({ url }) => url), { timeout: 15_000 });
  return {
    at,
    browser: openBareBrowser(pages.origin + at('start')),
    prerendered: () => until('sentinel').toEqual([`${at('sentinel')}?prerendered=true`]),
    seen: () => until('seen').toHaveLength(1),
    moveOn: () => pages.set(at('go'), 'now'),
    visits: () => pages.visits(at('ahead')).length,
  };
}

test('a prerendered page that nobody comes to see says nothing, not even through the page in front', async ({
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  const call = (tag: string) => say(`sendx('track', { email: '${email}', addTags: ['${tag}'] })`);
  const site = prerender(
    pages,
    email,
    install.head + say(`sendx('identify', { email: '${email}' })`),
    install.head + call('unseen'),
    'other',
  );
  pages.set(site.at('other'), install.head + call('seen'));
  try {
    await site.prerendered();
    site.moveOn();
    expect(await arrivals(2)).toEqual(['identify', 'track seen']);
    expect(site.visits()).toBe(1);
  } finally {
    await site.browser.close();
  }
});

test('a prerendered page that denied consent after its calls sends none of them when it is activated', async ({
  pipeline,
  email,
}) => {
  const { pages, install, link } = pipeline;
  const identify = `sendx('identify', { email: '${email}' })`;
  const site = prerender(
    pages,
    email,
    '',
    install.head + say(identify, "sendx('consent', 'denied')"),
  );
  const before = link.passages().length;
  try {
    await site.prerendered();
    site.moveOn();
    await site.seen();
    expect(site.visits()).toBe(1);
    expect(link.passages().slice(before)).toEqual([]);
    expect(pipeline.received(email)).toEqual([]);
  } finally {
    await site.browser.close();
  }
});

test('a prerendered page sends nothing until it is activated', async ({
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  const identify = `sendx('identify', { email: '${email}' })`;
  const site = prerender(pages, email, '', install.head + say(identify));
  const before = link.passages().length;
  try {
    await site.prerendered();
    expect(link.passages().slice(before)).toEqual([]);
    site.moveOn();
    expect(await arrivals(1)).toEqual(['identify']);
    expect(site.visits()).toBe(1);
  } finally {
    await site.browser.close();
  }
});

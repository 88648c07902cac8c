import { expect, test } from './fixtures.ts';

test('a tab that lives on delivers what a killed one stored', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/crash', install.head);
  await page.goto(`${pages.origin}/crash`);
  const victim = await context.newPage();
  await victim.goto(`${pages.origin}/crash`);
  link.set({ fault: 'cut' }, '/messages');
  await victim.evaluate((address) => sendx('identify', { email: address }), email);
  const crashed = victim.waitForEvent('crash');
  (await context.newCDPSession(victim)).send('Page.crash').catch(() => {});
  await crashed;
  link.set({}, '/messages');
  await page.evaluate(() => sendx('track', { addTags: ['survivor'] }));
  expect(await arrivals(2)).toEqual(['identify', 'track survivor']);
});

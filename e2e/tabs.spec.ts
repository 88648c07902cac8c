import { expect, test } from './fixtures.ts';

/** Rounds of what five tabs may store together at most: an outbox holds 100 messages. */
const ROUNDS = process.env.LONG ? 20 : 2;
const TABS = 5;
const CALLS = 15;

test('five tabs that hammer at once lose nothing, apply nothing twice and leave nothing behind', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  test.setTimeout(60_000 + ROUNDS * 5000);
  const { pages, install, received } = pipeline;
  pages.set('/hammer', install.head);
  await page.goto(`${pages.origin}/hammer`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await arrivals(1);
  const others = Array.from({ length: TABS - 1 }, () => context.newPage());
  const tabs = [page, ...(await Promise.all(others))];
  await Promise.all(tabs.slice(1).map((tab) => tab.goto(`${pages.origin}/hammer`)));

  for (let round = 1; round <= ROUNDS; round += 1) {
    await Promise.all(
      tabs.map((tab, name) =>
        tab.evaluate(
          async ({ prefix, calls }) => {
            for (let each = 0; each < calls; each += 1) {
              sendx('track', { addTags: [`${prefix}-${each}`] });
              if (each % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
            }
          },
          { prefix: `${round}-${name}`, calls: CALLS },
        ),
      ),
    );
    await arrivals(1 + round * TABS * CALLS);
  }
  await settled(page);
  await page.evaluate(() => sendx('track', { addTags: ['last'] }));
  const total = 2 + ROUNDS * TABS * CALLS;
  await arrivals(total);
  await settled(page);

  const tags = received(email).map(({ body }) => String((body as { addTags?: string[] }).addTags));
  expect(tags).toHaveLength(total);
  expect(new Set(tags).size).toBe(total);
  for (let name = 0; name < TABS; name += 1) {
    const own = tags.filter((tag) => tag.split('-')[1] === `${name}`);
    const said = Array.from({ length: ROUNDS }, (_, round) =>
      Array.from({ length: CALLS }, (_, each) => `${round + 1}-${name}-${each}`),
    );
    expect(own).toEqual(said.flat());
  }
});

test('a renderer killed right after the call, with the network gone, loses nothing', async ({
  context,
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/crash', install.head);
  await page.goto(`${pages.origin}/crash`);
  link.set({ fault: 'cut' }, '/messages');
  const crashed = page.waitForEvent('crash');
  const debug = await context.newCDPSession(page);
  await debug.send('Runtime.evaluate', {
    expression: `
      sendx('identify', { email: '${email}' });
      sendx('track', { addTags: ['before the crash'] });`,
  });
  // The renderer dies without an answer.
  debug.send('Page.crash').catch(() => {});
  await crashed;
  expect(pipeline.received(email)).toEqual([]);

  link.set({}, '/messages');
  const next = await context.newPage();
  await next.goto(`${pages.origin}/crash`);
  expect(await arrivals(2)).toEqual(['identify', 'track before the crash']);
});

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

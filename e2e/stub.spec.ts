import { expect, storedKeys, test } from './fixtures.ts';

const identify = (email: string) => `sendx('identify', { email: '${email}', tags: ['early'] });`;
const TRACK = `sendx('track', { addTags: ['early'] });`;

const FAILURES = {
  'is cut off': { fault: 'cut' },
  'is not found': { fault: { status: 404 } },
  'hangs for longer than the visit': { fault: 'hang' },
} as const;

for (const [how, weather] of Object.entries(FAILURES))
  test(`a script that ${how} costs no call: the stub sends and stores it, the next page settles it`, async ({
    page,
    pipeline,
    email,
    arrivals,
    settled,
  }) => {
    const { pages, install, link, emulator } = pipeline;
    pages.set('/early', `${install.head}<script>${identify(email)}${TRACK}</script>`);
    pages.set('/elsewhere', '<title>Elsewhere</title>');
    pages.set('/next', install.head);
    link.set(weather, '/sendx.js');
    await page.goto(`${pages.origin}/early`, { waitUntil: 'commit' });
    await expect(page.locator('script')).toHaveCount(3);
    expect(pipeline.received(email)).toEqual([]);
    await page.goto(`${pages.origin}/elsewhere`);
    expect(await arrivals(2)).toEqual(['identify early', 'track early']);
    expect(await storedKeys(page)).toEqual([expect.stringMatching(/^sendx:stub:/)]);

    link.set({}, '/sendx.js');
    await page.goto(`${pages.origin}/next`);
    await settled(page);
    await page.evaluate("sendx('track', { addTags: ['next'] })");
    expect(await arrivals(3)).toEqual(['identify early', 'track early', 'track next']);
    expect(emulator.contact(email)?.tags).toEqual(['early', 'next']);
  });

test('what the stub noted of a known visitor without naming them is theirs on the next page', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/next', install.head);
  pages.set('/early', `${install.head}<script>${TRACK}</script>`);
  await page.goto(`${pages.origin}/next`);
  await page.evaluate(`sendx('identify', { email: '${email}' })`);
  await settled(page);
  link.set({ fault: 'cut' }, '/sendx.js');
  await page.goto(`${pages.origin}/early`);
  link.set({}, '/sendx.js');
  await page.goto(`${pages.origin}/next`);
  expect(await arrivals(2)).toEqual(['identify', 'track early']);
});

test('calls keep their time and order from the stub over the script to the next page', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  // Two pages whose random names begin alike.
  const chance = (random: number) => `<script>Math.random = () => ${random}</script>`;
  pages.set('/early', `${chance(0.505)}${install.head}<script>${identify(email)}</script>`);
  pages.set('/next', `${chance(0.525)}${install.head}<script>${TRACK}</script>`);
  link.set({ fault: 'cut' });
  await page.goto(`${pages.origin}/early`);
  const called = Date.now();
  await page.goto(`${pages.origin}/next`);
  link.clear();
  await page.goto(`${pages.origin}/next`);
  expect(await arrivals(3)).toEqual(['identify early', 'track early', 'track early']);
  const sent = link.passages().flatMap(({ body }) => JSON.parse(body).messages ?? []);
  const first = sent.find(({ type }) => type === 'identify');
  expect(first.at).toBeLessThanOrEqual(called);
});

test('a stub leaves the choice to the script where consent is not plainly granted', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  const asking = install.head.replace('async', 'async data-consent="pending"');
  pages.set('/early', `${asking}<script>${identify(email)}</script>`);
  pages.set('/next', install.head);
  link.set({ fault: 'cut' }, '/sendx.js');
  await page.goto(`${pages.origin}/early`);
  link.set({}, '/sendx.js');
  await page.goto(`${pages.origin}/next`);
  expect(await storedKeys(page)).toEqual([]);
  const sentinel = `sentinel-${email}`;
  await page.evaluate(`sendx('identify', { email: '${sentinel}' })`);
  await arrivals(1, sentinel);
  expect(pipeline.received(email)).toEqual([]);
  expect(link.passages()).toHaveLength(1);
});

import { expect, test } from './fixtures.ts';

test('an identify and twenty tracks in a burst travel in two requests, without a preflight', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/burst', install.head);
  await page.goto(`${pages.origin}/burst`);
  await page.evaluate((address) => {
    sendx('identify', { email: address });
    for (let each = 0; each < 20; each += 1) sendx('track', { addTags: [`tag-${each}`] });
  }, email);
  const tracks = Array.from({ length: 20 }, (_, each) => `track tag-${each}`);
  expect(await arrivals(21)).toEqual(['identify', ...tracks]);
  await settled(page);
  const methods = link.passages().map(({ method }) => method);
  expect(methods.length).toBeLessThanOrEqual(2);
  expect(methods.every((method) => method === 'POST')).toBe(true);
});

test('calls spread over a second after a burst join one request', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/spread', install.head);
  await page.goto(`${pages.origin}/spread`);
  await page.evaluate(async (address) => {
    sendx('identify', { email: address });
    for (let each = 0; each < 5; each += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      sendx('track', { addTags: [`tag-${each}`] });
    }
  }, email);
  await arrivals(6);
  await settled(page);
  expect(link.passages()).toHaveLength(2);
});

import { expect, test } from './fixtures.ts';

test('a page with the snippet in its head tells who the visitor is', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set('/head', `${install.head}<script>sendx('identify', { email: '${email}' })</script>`);
  await tab.visit(`${origin}/head`);
  expect(await arrivals(1)).toEqual(['identify']);
});

import type { Browser, Page as Tab } from 'playwright/test';
import { expect, storedKeys, test } from './fixtures.ts';
import { inTurns } from './inTurns.ts';
import type { Pipeline } from './pipeline.ts';

const VISITORS = process.env.LONG ? 200 : 2;

/** Visitors at the same time: more would measure this machine's haste, not the network's. */
const AT_ONCE = 3;

/** How long what was said on a page that is gone may be on its way. */
const DEADLINE_MS = 5000;

const form = (action: string) => `
  <form action="${action}"><button>Subscribe</button></form>
  <script>
    document.querySelector('form').addEventListener('submit', () => {
      const email = new URLSearchParams(location.search).get('email');
      sendx('identify', { email, tags: ['newsletter'] });
      sendx('track', { addTags: ['newsletter-form'] });
    });
  </script>`;

/** One visitor's two calls: in time without a revisit? */
interface Visit {
  readonly inTime: number;
  /** What SendX received by the end of a later page, in order. */
  readonly received: readonly string[];
}

async function visit(browser: Browser, pipeline: Pipeline, start: string, email: string) {
  const { pages, received } = pipeline;
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${start}?email=${email}`);
    const clicked = Date.now();
    await page.getByRole('button').click();
    await page.waitForURL('**/target*');
    await expect
      .poll(() => received(email).length, { timeout: DEADLINE_MS })
      .toBe(2)
      .catch(() => {});
    const inTime = received(email).filter(({ at }) => at - clicked <= DEADLINE_MS).length;
    await comeBack(page, `${pages.origin}/later`);
    await expect.poll(() => received(email).at(-1)?.body).toMatchObject({ addTags: ['later'] });
    const names = received(email).map(({ path }) => path.split('/').pop() ?? '');
    return { inTime, received: names } satisfies Visit;
  } finally {
    await context.close();
  }
}

/** A later page, until nothing is left; its own call comes behind everything that was sent twice. */
async function comeBack(page: Tab, address: string): Promise<void> {
  await page.goto(address);
  await expect.poll(() => storedKeys(page), { timeout: 15_000 }).toEqual(['sendx:identity']);
  await page.evaluate(() => sendx('track', { addTags: ['later'] }));
}

const CASES = [
  { name: 'same origin, slow', foreign: false, delayMs: 1500 },
  { name: 'cross origin, slow', foreign: true, delayMs: 1500 },
  { name: 'same origin, fast', foreign: false, delayMs: 0 },
  { name: 'cross origin, fast', foreign: true, delayMs: 0 },
];

for (const { name, foreign, delayMs } of CASES)
  test(`what a form says as it navigates arrives, once: ${name}`, async ({ browser, pipeline }) => {
    test.setTimeout(60_000 + VISITORS * 5000);
    const { pages, install, link } = pipeline;
    link.set({ latencyMs: 50 }, '/messages');
    const target = foreign ? pages.foreign : pages.origin;
    pages.set('/form', install.head + form(`${target}/target`));
    pages.set('/target', { html: '<title>Thanks</title>', delayMs });
    pages.set('/later', install.head);

    const emails = Array.from(
      { length: VISITORS },
      (_, each) => `${each}@${name.replace(/\W+/g, '-')}.example`,
    );
    const visits = await inTurns(emails, AT_ONCE, (email) =>
      visit(browser, pipeline, `${pages.origin}/form`, email),
    );
    const inTime = visits.reduce((sum, one) => sum + one.inTime, 0);
    console.log(`${name}: ${inTime} of ${2 * VISITORS} calls arrived in 5 s without a revisit`);
    if (delayMs) expect(inTime).toBe(2 * VISITORS);
    for (const { received } of visits) expect(received).toEqual(['identify', 'track', 'track']);
  });

test('what a page gives up before its connection stands is lost on this road', async ({
  page,
  pipeline,
}) => {
  const { pages, link } = pipeline;
  link.set({ latencyMs: 1000 }, '/messages');
  pages.set(
    '/plain',
    `<form action="/target"><button>Subscribe</button></form>
    <script>
      document.querySelector('form').addEventListener('submit', () => {
        fetch('${link.url}/plain/messages', { method: 'POST', body: 'plain' });
        fetch('${link.url}/kept/messages', { method: 'POST', body: 'kept', keepalive: true });
      });
    </script>`,
  );
  pages.set('/target', '<title>Thanks</title>');
  await page.goto(`${pages.origin}/plain`);
  await page.getByRole('button').click();
  await expect(page).toHaveTitle('Thanks');
  await expect.poll(() => link.passages().map(({ body }) => body)).toContain('kept');
  expect(link.passages().map(({ body }) => body)).toEqual(['kept']);
});

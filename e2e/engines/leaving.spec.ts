import { readFileSync } from 'node:fs';
import type { Pipeline } from '../pipeline.ts';
import { lastWord } from './calls.ts';
import { DEPARTURES, type Departure, ELSEWHERE, PAGE } from './departures.ts';
import type { Engine, Tab } from './engine.ts';
import { type Figure, note } from './figures.ts';
import { expect, KEYS, test } from './fixtures.ts';
import { TELL } from './shown.ts';

const VISITORS = process.env.LONG ? 50 : 2;

/** How long what was said on a page that is gone may be on its way: what is lost never comes. */
const DEADLINE_MS = 10_000;

/** What long runs found. */
const FOUND = JSON.parse(
  readFileSync(new URL('figures.json', import.meta.url), 'utf8'),
) as readonly Figure[];

const SAY = `<script>
  const say = () => {
    const email = new URLSearchParams(location.search).get('email');
    sendx('identify', { email, tags: ['newsletter'] });
    sendx('track', { addTags: ['newsletter-form'] });
  };
</script>`;

const SOON = { timeout: 15_000, intervals: [50] };

/** A visitor who says two things and goes, and comes back for a third. */
async function visit(
  { pages, link, install, received }: Pipeline,
  { body, from, to, stays }: Departure,
  engine: Engine,
  home: Tab,
  email: string,
) {
  const origin = pages.at(email.split('@')[0] ?? '');
  const page = install.head + SAY + body;
  const closing = to === 'the end';
  const tab = closing ? await engine.open() : home;
  // The script's connection is another's: the first message needs one of its own.
  link.hangUp();
  pages.set(PAGE, page);
  if (from) await tab.visit(origin + from);
  await tab.visit(`${origin}${PAGE}?email=${email}`);
  await expect.poll(() => tab.run('Array.isArray(sendx.q)'), SOON).toBe(false);
  // What a reload brings is as any other page: without the snippet.
  if (!body.includes('opener')) pages.set(PAGE, TELL);
  const asked = pages.visits(to).length;
  const told = () => pages.visits('/shown').length;
  const shown = told();

  if (closing) await tab.run('say()').then(tab.close);
  else await tab.click('#go');
  await expect
    .poll(() => received(email).length, { ...SOON, timeout: DEADLINE_MS })
    .toBe(2)
    .catch(() => {});
  const early = received(email).length;
  if (stays) await expect.poll(() => pages.visits(to).length, SOON).toBe(asked + 1);
  else if (!closing) await expect.poll(told, SOON).toBe(shown + 1);

  await engine.sweep(home);
  await home.visit(`${origin}/later`);
  await home.run("sendx('flush')");
  await expect.poll(() => home.run(KEYS), SOON).toEqual(['sendx:identity']);
  await home.run(lastWord('later'));
  await expect.poll(() => received(email).at(-1)?.body, SOON).toMatchObject({ addTags: ['later'] });
  // Behind the last word nothing can come twice any more.
  const after = received(email).slice(0, -1);
  return { before: early, after: after.map(({ path }) => path.split('/').pop() ?? '') };
}

for (const departure of DEPARTURES)
  test(`what a page says as it goes arrives, once: ${departure.name}`, async ({
    engine,
    tab,
    pipeline,
    email,
  }, info) => {
    test.setTimeout(60_000 + VISITORS * 15_000);
    const { pages, install, link } = pipeline;
    link.set({ latencyMs: 50 }, '/messages');
    pages.set(ELSEWHERE, TELL);
    pages.set('/later', install.head);
    departure.serve?.(pages);
    const visits: Awaited<ReturnType<typeof visit>>[] = [];
    for (let each = 0; each < VISITORS; each += 1)
      visits.push(await visit(pipeline, departure, engine, tab, `${each}-${email}`));

    const sum = (count: (one: (typeof visits)[number]) => number) =>
      visits.reduce((total, one) => total + count(one), 0);
    const figure: Figure = {
      departure: departure.name,
      engine: engine.version,
      said: 2 * VISITORS,
      before: sum(({ before }) => before),
      after: sum(({ after }) => new Set(after).size),
      twice: sum(({ after }) => after.length - new Set(after).size),
    };
    note(info, figure);
    for (const { after } of visits) expect(after).toEqual(['identify', 'track']);
    const product = engine.version.split(' ')[0] ?? '';
    const found = FOUND.find(
      (one) => one.departure === figure.departure && one.engine.startsWith(product),
    );
    if (found?.before === found?.said) expect(figure.before).toBe(figure.said);
  });

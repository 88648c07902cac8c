import { lastWord } from './calls.ts';
import { contentProcesses } from './contentProcesses.ts';
import { expect, test } from './fixtures.ts';

/** Rounds of what five tabs may store together at most: an outbox holds 100 messages. */
const ROUNDS = process.env.LONG ? 20 : 1;
const TABS = 5;
const CALLS = 15;

test('five tabs that hammer at once lose nothing, apply nothing twice and leave nothing behind', async ({
  engine,
  tab,
  pipeline,
  email,
  arrivals,
  emptied,
  enter,
}) => {
  test.setTimeout(60_000 + ROUNDS * 5000);
  const { received } = pipeline;
  await enter(tab);
  await tab.run(`sendx('identify', { email: '${email}' })`);
  await arrivals(1);
  const others = Array.from({ length: TABS - 1 }, () => engine.open());
  const tabs = [tab, ...(await Promise.all(others))];
  await Promise.all(tabs.slice(1).map((one) => enter(one)));
  for (let round = 1; round <= ROUNDS; round += 1) {
    await Promise.all(
      tabs.map((one, name) =>
        one.run(`(async () => {
          for (let each = 0; each < ${CALLS}; each += 1) {
            sendx('track', { addTags: ['${name}-${round}-' + each] });
            if (each % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
          }
        })()`),
      ),
    );
    await arrivals(1 + round * TABS * CALLS);
  }
  await emptied(tab);
  await tab.run(lastWord('last'));
  const total = 2 + ROUNDS * TABS * CALLS;
  await arrivals(total);
  const tags = received(email).map(({ body }) => String((body as { addTags?: string[] }).addTags));
  expect(tags).toHaveLength(total);
  for (let name = 0; name < TABS; name += 1) {
    const said = Array.from({ length: ROUNDS * CALLS }, (_, each) => {
      const round = 1 + Math.floor(each / CALLS);
      return `${name}-${round}-${each % CALLS}`;
    });
    expect(tags.filter((tag) => tag.startsWith(`${name}-`))).toEqual(said);
  }
});

test('a tab that sleeps through the answer to its request, and through its end, wakes and tells all once', async ({
  tab,
  pipeline,
  email,
  enter,
  arrivedOnce,
}) => {
  const { link } = pipeline;
  await enter(tab);
  link.set({ fault: 'hang' }, '/messages');
  await tab.run(`(() => {
    sendx('identify', { email: '${email}' });
    sendx('track', { addTags: ['before sleep'] });
  })()`);
  await expect.poll(() => link.passages().length, { intervals: [50] }).toBe(1);
  const asleep = contentProcesses();
  expect(asleep.length).toBeGreaterThan(0);
  for (const id of asleep) process.kill(id, 'SIGSTOP');
  // What hangs is cut.
  link.clear();
  for (const id of asleep) process.kill(id, 'SIGCONT');
  await arrivedOnce(tab, ['identify', 'track before sleep']);
});

test('a page whose process is killed right after the call, with the network gone, loses nothing', async ({
  engine,
  home,
  pipeline,
  email,
  enter,
  arrivedOnce,
}) => {
  const { link } = pipeline;
  const victim = await engine.open();
  await enter(victim);
  link.set({ fault: 'cut' }, '/messages');
  await victim.run(`(() => {
    sendx('identify', { email: '${email}' });
    sendx('track', { addTags: ['before the crash'] });
  })()`);
  await engine.crash();
  home.tab = undefined;
  expect(pipeline.received(email)).toEqual([]);
  link.set({}, '/messages');
  const next = await engine.open();
  await enter(next);
  await next.run("sendx('flush')");
  await arrivedOnce(next, ['identify', 'track before the crash']);
});

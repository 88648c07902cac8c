import { expect, test } from './fixtures.ts';

const LOADS = process.env.LONG ? 100 : 5;
const CALLS = 90;

/** Counts every use of the page's storage from before its first script on. */
const COUNT = `
  window.touches = [];
  for (const name of ['localStorage', 'sessionStorage']) {
    const { get } = Object.getOwnPropertyDescriptor(window, name);
    Object.defineProperty(window, name, {
      get() { touches.push(name); return get.call(window); },
    });
  }
  for (const name of ['getItem', 'setItem', 'removeItem', 'key', 'clear']) {
    const method = Storage.prototype[name];
    Storage.prototype[name] = function (...rest) {
      touches.push(name + ' ' + rest[0]);
      return method.apply(this, rest);
    };
  }
  const { get } = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperty(document, 'cookie', {
    get() { touches.push('cookie'); return get.call(document); },
  });`;

for (const how of ['behind the stub', 'inline'])
  test(`storage is not touched before the first call or two seconds: the script ${how}`, async ({
    page,
    pipeline,
    email,
    arrivals,
  }) => {
    const { pages, install } = pipeline;
    const inline = `<script data-endpoint="${install.script.replace('sendx.js', 'messages')}">${install.inline}</script>`;
    pages.set('/cost', how === 'inline' ? inline : install.head);
    await page.addInitScript(COUNT);
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);

    await page.goto(`${pages.origin}/cost`);
    await page.clock.fastForward(1900);
    expect(await page.evaluate('touches')).toEqual([]);
    await page.clock.fastForward(200);
    expect(await page.evaluate('touches')).not.toEqual([]);

    await page.reload();
    expect(await page.evaluate('touches')).toEqual([]);
    await page.evaluate((address) => sendx('identify', { email: address }), email);
    expect(await page.evaluate('touches')).not.toEqual([]);
    await arrivals(1);
  });

test('a call reads who the visitor is, stores one key, and touches no cookie', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set('/cost', install.head);
  await page.addInitScript(COUNT);
  await page.goto(`${pages.origin}/cost`);
  await page.evaluate((address) => sendx('identify', { email: address }), email);
  await arrivals(1);
  const touched = await page.evaluate<string[]>(
    "touches.length = 0; sendx('track', { addTags: ['one'] }); touches",
  );
  const key = touched.at(-1)?.replace('setItem ', '');
  expect(key).toMatch(/^sendx:[0-9a-z]+-[0-9a-z]+-\d+$/);
  expect(new Set(touched)).toEqual(
    new Set(['localStorage', 'getItem sendx:identity', `removeItem ${key}`, `setItem ${key}`]),
  );
});

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

test('what the script costs the main thread is told', async ({
  context,
  page,
  pipeline,
  email,
}) => {
  test.setTimeout(60_000 + LOADS * 1000);
  const { pages, install } = pipeline;
  pages.set(
    '/cost',
    `<script>${install.stub} window.start = performance.now();</script>
    <script data-endpoint="${install.script.replace('sendx.js', 'messages')}">${install.inline}</script>
    <script>window.cost = performance.now() - start;</script>`,
  );
  const debug = await context.newCDPSession(page);
  const load = async () => {
    await page.goto(`${pages.origin}/cost`);
    return page.evaluate<number>('cost');
  };
  const call = () =>
    page.evaluate(
      ({ address, calls }) => {
        sendx('identify', { email: address });
        const start = performance.now();
        for (let each = 0; each < calls; each += 1)
          sendx('track', { addTags: ['viewed-pricing', 'newsletter'] });
        const cost = performance.now() - start;
        // What storing as much costs without us.
        const texts = Object.values(localStorage);
        const again = performance.now();
        for (const [each, text] of texts.entries()) localStorage.setItem(`host-${each}`, text);
        const floor = performance.now() - again;
        return [(cost * 1000) / calls, (floor * 1000) / texts.length] as const;
      },
      { address: email, calls: CALLS },
    );
  for (const rate of [1, 4]) {
    await debug.send('Emulation.setCPUThrottlingRate', { rate });
    const loads: number[] = [];
    const calls: (readonly [number, number])[] = [];
    for (let each = 0; each < LOADS; each += 1) {
      loads.push(await load());
      calls.push(await call());
      await page.evaluate(() => localStorage.clear());
    }
    const ms = median(loads);
    const us = median(calls.map(([cost]) => cost));
    const floor = median(calls.map(([, bare]) => bare));
    expect(ms).toBeGreaterThan(0);
    console.log(
      `CPU slowed ${rate} times: evaluation and install ${ms.toFixed(1)} ms, a call ${us.toFixed(0)} µs, ${floor.toFixed(0)} µs of them the browser's setItem (medians of ${LOADS})`,
    );
  }
});

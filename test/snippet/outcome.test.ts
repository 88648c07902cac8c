import { describe, expect, it } from 'vitest';
import {
  answer,
  createSite,
  type Page,
  type Request,
  receipt,
  type Site,
  START,
  silence,
  unreachable,
} from './site.ts';

const EMAIL = 'jane@example.com';
const HOUR_MS = 60 * 60 * 1000;

/** A page with `count` messages that are sent at once and answered by `respond`. */
const send = async (count: number, respond: Site['answer'], site = createSite()) => {
  const page = site.open();
  site.answer = respond;
  page.sendx('identify', { email: EMAIL });
  for (let n = 1; n < count; n++) page.sendx('track', { addTags: [`t${n}`] });
  await site.clock.pass(0);
  return { site, page };
};
const takeAll = (request: Request) => receipt(request);
const stored = (site: Site) => site.storage.keys().filter((key) => key.includes('-'));
const sizes = (site: Site) => site.requests.map(({ messages }) => messages.length);
const ids = ({ messages }: Request) => messages.map(({ id }) => id);
const errors = (page: Page) =>
  page.events.flatMap(({ event, reason, detail }) =>
    event === 'error' ? [`${reason} ${detail}`] : [],
  );

describe('a receipt', () => {
  it('settles what it names, and no key is left', async () => {
    const { site, page } = await send(3, takeAll);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
    expect(page.told('accepted')).toHaveLength(3);
  });

  it('settles duplicates as accepted, and says so', async () => {
    const { site, page } = await send(1, (request) =>
      receipt(request, () => ({ status: 'duplicate' })),
    );
    expect(stored(site)).toEqual([]);
    expect(page.told('accepted')).toEqual([[expect.any(String), 'duplicate']]);
  });

  it('settles refusals with the proxy’s code and sentence', async () => {
    const refused = { status: 'refused', code: 'tag_not_allowed', message: 'no such tag' };
    const { site, page } = await send(1, (request) => receipt(request, () => refused));
    expect(stored(site)).toEqual([]);
    expect(page.events.at(-1)).toEqual({
      event: 'refused',
      id: expect.any(String),
      reason: 'tag_not_allowed',
      detail: 'no such tag',
    });
  });

  it.each(['does not name', 'asks to keep for later'])(
    'keeps what it %s, and sends it again under the same id',
    async (fate) => {
      const rest = fate === 'does not name' ? undefined : { status: 'later' };
      const { site, page } = await send(4, (request) =>
        receipt(request, ({ type }) => (type === 'identify' ? { status: 'accepted' } : rest)),
      );
      expect(stored(site)).toHaveLength(3);
      expect(errors(page)).toEqual(['unavailable 202']);
      site.answer = takeAll;
      await site.clock.pass(1_000);
      expect(sizes(site)).toEqual([4, 3]);
      const [first, second] = site.requests.map(ids);
      expect(second).toEqual(first?.slice(1));
      expect(stored(site)).toEqual([]);
    },
  );

  it('that names strangers settles what else it names, and nothing more', async () => {
    const { site, page } = await send(2, ({ messages: [first] }) => {
      const strangers = [{ id: 'x', status: 'accepted' }, null, 7, {}];
      const results = [...strangers, { id: first?.id, status: 'accepted' }];
      return Response.json({ results }, { status: 202 });
    });
    expect(stored(site)).toHaveLength(1);
    expect(page.told('accepted')).toHaveLength(1);
    expect(errors(page)).toEqual(['unavailable 202']);
  });

  it.each([
    ['a captive portal’s page', '<html>Log in to the hotel</html>'],
    ['nothing', ''],
    ['JSON of somebody else', '{"ok":true}'],
    ['null', 'null'],
    ['a number', '7'],
    ['results that are none', '{"results":{"length":1}}'],
    ['a text for results', '{"results":"accepted"}'],
    ['half a receipt', '{"results":[{"id"'],
  ])('deletes nothing where a 200 brings %s', async (_name, body) => {
    const { site, page } = await send(2, () => answer(200, {}, body));
    expect(stored(site)).toHaveLength(2);
    expect(errors(page)).toHaveLength(1);
    site.answer = takeAll;
    await site.clock.pass(1_000);
    expect(stored(site)).toEqual([]);
  });

  it('that comes after half a minute is too late: the request was given up', async () => {
    let late = () => {};
    const { site, page } = await send(
      1,
      (request) =>
        new Promise((resolve) => {
          late = () => resolve(receipt(request));
        }),
    );
    await site.clock.pass(29_999);
    expect(errors(page)).toEqual([]);
    await site.clock.pass(1);
    expect(errors(page)).toEqual(['network 0']);
    late();
    await site.clock.pass(0);
    expect(stored(site)).toHaveLength(1);
    site.answer = (request) => receipt(request, () => ({ status: 'duplicate' }));
    await site.clock.pass(1_000);
    expect(page.told('accepted')).toHaveLength(1);
    expect(stored(site)).toEqual([]);
  });
});

describe('a status', () => {
  it.each([400, 405, 415, 422])('of %i gives the batch up, with a reason each', async (status) => {
    const { site, page } = await send(3, () => answer(status));
    expect(stored(site)).toEqual([]);
    expect(page.told('dropped')).toEqual(Array(3).fill([expect.any(String), 'rejected']));
    site.answer = takeAll;
    page.sendx('identify', {});
    await site.clock.pass(1_000);
    expect(sizes(site)).toEqual([3, 1]);
  });

  it.each([401, 403, 404])('of %i keeps everything and stops on this page', async (status) => {
    const { site, page } = await send(2, () => answer(status));
    expect(errors(page)).toEqual([`misconfigured ${status}`]);
    page.sendx('identify', {});
    page.sendx('flush');
    await site.clock.pass(HOUR_MS);
    page.hide();
    page.show();
    page.online();
    expect(sizes(site)).toEqual([2]);
    page.leave();
    expect(sizes(site)).toEqual([2]);
    expect(stored(site)).toHaveLength(3);
    site.answer = takeAll;
    site.open();
    await site.clock.pass(2_000);
    expect(sizes(site)).toEqual([2, 3]);
    expect(stored(site)).toEqual([]);
  });

  it('of 413 splits until the pieces pass, in order', async () => {
    const { site, page } = await send(12, (request) =>
      request.messages.length > 3 ? answer(413) : receipt(request),
    );
    await site.clock.pass(10_000);
    const passed = site.requests.filter(({ messages }) => messages.length <= 3);
    expect(passed.flatMap(ids)).toEqual(site.requests[0] && ids(site.requests[0]));
    expect(page.told('accepted')).toHaveLength(12);
    expect(page.told('dropped')).toEqual([]);
    expect(stored(site)).toEqual([]);
  });

  it('of 413 for a single message gives that one up, and no other', async () => {
    const tooLarge = ({ messages }: Request) =>
      messages.some((message) => 'addTags' in message && message.addTags?.includes('t3'));
    const { site, page } = await send(5, (request) =>
      tooLarge(request) ? answer(413) : receipt(request),
    );
    await site.clock.pass(10_000);
    expect(page.told('dropped')).toEqual([[expect.any(String), 'rejected']]);
    expect(page.told('accepted')).toHaveLength(4);
    expect(stored(site)).toEqual([]);
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('of %i is tried again', async (status) => {
    const { site, page } = await send(1, () => answer(status));
    expect(errors(page)).toEqual([`unavailable ${status}`]);
    site.answer = takeAll;
    await site.clock.pass(499);
    expect(sizes(site)).toEqual([1]);
    await site.clock.pass(1);
    expect(sizes(site)).toEqual([1, 1]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

describe('pauses', () => {
  const gaps = ({ requests }: Site) =>
    requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));

  it.each([
    [0.5, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]],
    [0.25, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]],
  ])('double up to a minute, times a random %d', async (random, expected) => {
    const site = createSite();
    site.random = random;
    await send(1, unreachable, site);
    await site.clock.pass(expected.reduce((sum, ms) => sum + ms, 0));
    expect(gaps(site)).toEqual(expected);
  });

  it('start anew after a success', async () => {
    const { site, page } = await send(1, unreachable);
    await site.clock.pass(500 + 1_000 + 2_000);
    site.answer = takeAll;
    await site.clock.pass(4_000);
    expect(stored(site)).toEqual([]);
    site.answer = unreachable;
    await site.clock.pass(1_000);
    page.sendx('identify', {});
    await site.clock.pass(500);
    expect(gaps(site).at(-1)).toBe(500);
  });

  it.each([
    ['120', 120_000],
    ['Mon, 24 Nov 2025 03:42:00 GMT', 120_000],
    ['1', 1_000],
  ])('are what Retry-After: %s asks, without jitter', async (header, ms) => {
    const site = createSite();
    site.random = 0.01;
    const { page } = await send(1, () => answer(429, { 'Retry-After': header }), site);
    await site.clock.pass(ms - 1);
    page.sendx('identify', {});
    page.sendx('flush');
    await site.clock.pass(0);
    expect(sizes(site)).toEqual([1]);
    site.answer = takeAll;
    await site.clock.pass(1);
    expect(sizes(site)).toEqual([1, 2]);
  });

  it('last an hour at most, whatever Retry-After asks', async () => {
    const { site } = await send(1, () => answer(503, { 'Retry-After': '999999' }));
    await site.clock.pass(HOUR_MS - 1);
    expect(sizes(site)).toEqual([1]);
    await site.clock.pass(1);
    expect(sizes(site)).toEqual([1, 1]);
  });

  it('are kept by the next page and by other tabs', async () => {
    const { site, page } = await send(1, () => answer(429, { 'Retry-After': '60' }));
    // Its name is a promise to tabs that run another version.
    expect(site.storage.items['sendx:due']).toBe(`${START + 60_000}`);
    const other = site.open();
    page.crash();
    site.answer = takeAll;
    other.sendx('identify', {});
    await site.clock.pass(59_999);
    expect(sizes(site)).toEqual([1]);
    await site.clock.pass(1);
    expect(sizes(site)).toEqual([1, 2]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('are over when the network is back, if the network was the reason', async () => {
    const { site, page } = await send(1, unreachable);
    await site.clock.pass(10_000);
    const before = site.requests.length;
    site.answer = takeAll;
    page.online();
    await site.clock.pass(0);
    expect(site.requests).toHaveLength(before + 1);
    expect(stored(site)).toEqual([]);
  });

  it('are over when the page is shown again, if the network was the reason', async () => {
    const { site, page } = await send(1, unreachable);
    site.beacon = () => false;
    page.hide();
    site.answer = takeAll;
    page.show();
    await site.clock.pass(0);
    expect(stored(site)).toEqual([]);
  });

  it('that the proxy asked for outlast a network that comes and goes', async () => {
    const { site, page } = await send(1, () => answer(503, { 'Retry-After': '60' }));
    site.answer = takeAll;
    page.online();
    page.show();
    await site.clock.pass(0);
    expect(sizes(site)).toEqual([1]);
  });

  it('that another tab was asked for are respected by one whose network failed', async () => {
    const { site, page } = await send(1, unreachable);
    site.answer = takeAll;
    await site.clock.pass(1_000);
    expect(stored(site)).toEqual([]);
    const other = site.open();
    site.answer = () => answer(429, { 'Retry-After': '60' });
    await site.clock.pass(1_000);
    other.sendx('identify', {});
    await site.clock.pass(0);
    page.sendx('track', { addTags: ['a'] });
    const before = site.requests.length;
    page.online();
    await site.clock.pass(30_000);
    expect(site.requests).toHaveLength(before);
  });
});

describe('a fetch that the page has broken', () => {
  const broken: readonly (readonly [string, unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('patched');
      },
    ],
    ['is none', undefined],
    ['returns nothing', () => {}],
    ['returns no promise', () => 7],
  ];

  it.each(broken)('falls back to the beacon where it %s', async (_how, fetch) => {
    const site = createSite();
    const page = site.open({ globals: { fetch } });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(0);
    expect(site.requests.map(({ via }) => via)).toEqual(['beacon']);
    expect(stored(site)).toHaveLength(1);
    await site.clock.pass(500);
    expect(errors(page)).toEqual(['network 0', 'network 0']);
    expect(site.requests.map(ids)).toEqual(Array(2).fill(ids(site.requests[0] as Request)));
  });

  it('is looked up anew: a page that repairs it is served', async () => {
    const site = createSite();
    const page = site.open();
    const { fetch } = page.window;
    Object.assign(page.window, { fetch: undefined });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(0);
    Object.assign(page.window, { fetch });
    await site.clock.pass(500);
    expect(site.requests.map(({ via }) => via)).toEqual(['beacon', 'fetch']);
    expect(stored(site)).toEqual([]);
  });

  it('keeps everything where the beacon is broken too', async () => {
    const site = createSite();
    const page = site.open({ globals: { fetch: undefined, navigator: {} } });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(5_000);
    page.hide();
    page.show();
    expect(stored(site)).toHaveLength(1);
  });

  it.each([
    ['rejects with nothing', () => Promise.reject()],
    ['brings nothing', async () => undefined],
    ['brings an answer without headers', async () => ({ ok: true, status: 202 })],
  ])('counts as no answer where it %s', async (_how, fetch) => {
    const site = createSite();
    const page = site.open({ globals: { fetch } });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(0);
    expect(errors(page)).toEqual(['network 0']);
    expect(stored(site)).toHaveLength(1);
  });
});

describe('a page without storage', () => {
  it.each(['denied', 'null', 'full'] as const)(
    'delivers in spite of failures where it is %s',
    async (health) => {
      const site = createSite();
      site.storage.health = health;
      const { page } = await send(3, unreachable, site);
      await site.clock.pass(5_000);
      site.answer = takeAll;
      await site.clock.pass(60_000);
      expect(page.told('accepted')).toHaveLength(3);
      const [first] = site.requests;
      for (const request of site.requests) expect(ids(request)).toEqual(first && ids(first));
      expect(site.storage.keys()).toEqual([]);
    },
  );

  it('pauses between its attempts though the storage has filled up meanwhile', async () => {
    const { site } = await send(1, unreachable);
    site.storage.health = 'full';
    await site.clock.pass(60_000);
    expect(site.requests.length).toBeLessThan(10);
  });

  it('hangs on a silent proxy no longer than half a minute', async () => {
    const site = createSite();
    site.storage.health = 'denied';
    const { page } = await send(1, silence, site);
    site.answer = takeAll;
    await site.clock.pass(31_000);
    expect(page.told('accepted')).toHaveLength(1);
  });
});

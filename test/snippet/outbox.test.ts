import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/protocol.ts';
import {
  answer,
  createSite,
  idle,
  type Page,
  type Request,
  receipt,
  type Site,
  START,
  silence,
  unreachable,
} from './site.ts';

const EMAIL = 'jane@example.com';
const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_BYTES = 64 * 1024;

const stored = (site: Site) => site.storage.keys().filter((key) => key.includes('-'));
const storedMessages = (site: Site): Message[] =>
  stored(site).map((key) => JSON.parse(site.storage.items[key] ?? ''));
const storedBytes = (site: Site) =>
  stored(site).reduce((sum, key) => sum + Buffer.byteLength(site.storage.items[key] ?? ''), 0);
const tagsOf = (messages: readonly Message[]) =>
  messages.flatMap((message) => ('addTags' in message ? message.addTags : message.type));
const hasLost = ({ lost }: Request) => lost.expired + lost.evicted > 0;
const reported = ({ requests }: Site) => requests.filter(hasLost).map(({ lost }) => lost);
const track = (page: Page, count: number, name = 't') => {
  for (let n = 0; n < count; n++) page.sendx('track', { addTags: [`${name}${n}`] });
};

/** A page of a known visitor whose network is down. */
const openOffline = async (site = createSite()) => {
  const page = site.open();
  page.sendx('identify', { email: EMAIL });
  await site.clock.pass(1_500);
  site.answer = unreachable;
  return { site, page };
};

describe('what is stored', () => {
  it('is the message, at the time of the call, under its id', () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: ' Jane@Example.com', firstName: 'Jane' });
    const [key = ''] = stored(site);
    expect(JSON.parse(site.storage.items[key] ?? '')).toEqual({
      id: key.replace('sendx:', ''),
      type: 'identify',
      at: START,
      email: EMAIL,
      traits: { firstName: 'Jane' },
    });
  });

  it('is a copy: what the page changes afterwards changes nothing', () => {
    const site = createSite();
    const page = site.open();
    const payload = { email: EMAIL, tags: ['a'], customFields: { Plan: 'Pro' } };
    page.sendx('identify', payload);
    payload.tags.push('b');
    payload.customFields.Plan = 'Free';
    expect(storedMessages(site)).toMatchObject([
      { traits: { tags: ['a'], customFields: { Plan: 'Pro' } } },
    ]);
  });

  it('survives a crash right after the call', async () => {
    const site = createSite();
    const early = site.open();
    early.sendx('identify', { email: EMAIL });
    early.sendx('track', { addTags: ['a'] });
    early.crash();
    site.open();
    await site.clock.pass(2_000);
    expect(site.requests.map(({ messages }) => tagsOf(messages))).toEqual([['identify', 'a']]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('goes before what the next page says, even while its own page may still be sending it', async () => {
    const site = createSite();
    site.answer = silence;
    const early = site.open();
    early.sendx('identify', { email: EMAIL });
    await idle();
    early.crash();
    site.open().sendx('track', { addTags: ['next'] });
    await idle();
    expect(site.requests.map(({ messages }) => tagsOf(messages))).toEqual([
      ['identify'],
      ['identify', 'next'],
    ]);
  });

  it.each([-1, -401, -3 * DAY_MS])(
    'goes before what the next page says, though the clock was set by %d ms meanwhile',
    async (ms) => {
      const { site, page } = await openOffline();
      track(page, 3, 'early');
      page.leave();
      site.clock.set(ms);
      site.answer = receipt;
      const next = site.open();
      track(next, 2, 'next');
      await site.clock.pass(70_000);
      expect(tagsOf(site.requests.at(-1)?.messages ?? [])).toEqual([
        'early0',
        'early1',
        'early2',
        'next0',
        'next1',
      ]);
    },
  );
});

describe('bounds', () => {
  it('keep 100 messages: the oldest tracks go', async () => {
    const { site, page } = await openOffline();
    track(page, 130);
    await idle();
    expect(tagsOf(storedMessages(site))).toEqual(
      Array.from({ length: 100 }, (_, n) => `t${n + 30}`),
    );
    expect(page.told('dropped')).toEqual(Array(30).fill([expect.any(String), 'evicted']));
  });

  it('keep identifies where tracks can go instead', async () => {
    const { site, page } = await openOffline();
    for (let n = 0; n < 5; n++) page.sendx('identify', { firstName: `${n}` });
    track(page, 120);
    await idle();
    expect(tagsOf(storedMessages(site))).toEqual([
      ...Array(5).fill('identify'),
      ...Array.from({ length: 95 }, (_, n) => `t${n + 25}`),
    ]);
  });

  it('let the oldest identifies go where there are only identifies', async () => {
    const { site, page } = await openOffline();
    for (let n = 0; n < 120; n++) page.sendx('identify', { firstName: `${n}` });
    await idle();
    const names = storedMessages(site).map((one) => 'traits' in one && one.traits.firstName);
    expect(names).toEqual(Array.from({ length: 100 }, (_, n) => `${n + 20}`));
  });

  it('never let the latest identify go, not even where all else is on its way', async () => {
    const { site, page } = await openOffline();
    track(page, 100);
    page.hide();
    page.sendx('identify', { firstName: 'latest' });
    await idle();
    expect(storedMessages(site).at(-1)).toMatchObject({ traits: { firstName: 'latest' } });
    expect(page.told('dropped')).toHaveLength(1);
  });

  it.each(['x', 'ž', '漢', '😀'])('count bytes of UTF-8, not characters: %s', async (letter) => {
    const { site, page } = await openOffline();
    const name = letter.repeat(6_000 / Buffer.byteLength(letter));
    track(page, 20, name);
    await idle();
    const bytes = storedBytes(site);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
    expect(bytes).toBeGreaterThan(MAX_BYTES - 6_200);
    expect(page.told('dropped')).toHaveLength(10);
  });

  it.each([
    [0, 0],
    [1, 1],
  ])('are exact to the byte: %i too many push %i messages out', async (excess, evicted) => {
    const { site, page } = await openOffline();
    // Ids of two digits from here on: all messages have the same overhead.
    for (let n = 0; n < 10; n++) page.sendx('flush');
    page.sendx('track', { addTags: ['x'] });
    const first = storedBytes(site);
    const add = (bytes: number) =>
      page.sendx('track', { addTags: ['x'.repeat(bytes - first + 1)] });
    for (let n = 0; n < 7; n++) add(8_192);
    add(8_192 - first + excess);
    expect(page.told('dropped')).toHaveLength(evicted);
    expect(storedBytes(site)).toBe(MAX_BYTES + excess - evicted * first);
    await site.clock.pass(5_000);
    expect(page.told('dropped')).toHaveLength(evicted);
  });

  it('cost only every eleventh call a look at the others, and none before there are 100', async () => {
    const { site, page } = await openOffline();
    const cost = () => {
      const before = site.storage.touched;
      track(page, 1);
      return site.storage.touched - before;
    };
    const [first = 0, ...costs] = Array.from({ length: 110 }, cost);
    expect(costs).toEqual(Array(109).fill(first));
    expect(cost()).toBeGreaterThan(100);
    expect(storedMessages(site)).toHaveLength(100);
    expect(Array.from({ length: 10 }, cost)).toEqual(Array(10).fill(first));
    expect(cost()).toBeGreaterThan(100);
  });

  it('refuse a message over 8 KiB, alone', async () => {
    const { site, page } = await openOffline();
    page.sendx('track', { addTags: ['x'] });
    const overhead = storedBytes(site) - 1;
    page.sendx('track', { addTags: ['ž'.repeat((8_192 - overhead) / 2)] });
    expect(page.told('dropped')).toEqual([]);
    page.sendx('track', { addTags: [`${'ž'.repeat((8_192 - overhead) / 2)}x`] });
    expect(page.told('dropped')).toEqual([[expect.any(String), 'too_large']]);
    expect(storedMessages(site)).toHaveLength(2);
  });

  it('are shared by all tabs', async () => {
    const site = createSite();
    const pages = [site.open(), site.open(), site.open()];
    pages[0]?.sendx('identify', { email: EMAIL });
    await site.clock.pass(1_500);
    site.answer = unreachable;
    for (const page of pages) {
      track(page, 60);
      await site.clock.pass(3_000);
    }
    await site.clock.pass(60_000);
    expect(storedMessages(site)).toHaveLength(100);
  });

  it('hold without storage too', async () => {
    const site = createSite();
    site.storage.health = 'denied';
    const { page } = await openOffline(site);
    track(page, 130);
    await idle();
    expect(page.told('dropped')).toHaveLength(30);
    site.answer = (request) => receipt(request);
    await site.clock.pass(60_000);
    expect(page.told('accepted')).toHaveLength(101);
  });

  it('spare what is in flight', async () => {
    const { site, page } = await openOffline();
    await site.clock.pass(2_000);
    let finish = () => {};
    site.answer = (request) =>
      new Promise((resolve) => {
        finish = () => resolve(receipt(request));
      });
    track(page, 50, 'flying');
    await idle();
    track(page, 72, 'waiting');
    expect(tagsOf(storedMessages(site)).slice(0, 51)).toEqual([
      ...Array.from({ length: 50 }, (_, n) => `flying${n}`),
      'waiting22',
    ]);
    finish();
    await idle();
    expect(page.told('accepted')).toHaveLength(51);
  });
});

describe('age', () => {
  /** What a page of long ago left, made `ms` ago. */
  const leave = async (ms: number) => {
    const site = createSite();
    site.answer = silence;
    const early = site.open();
    early.sendx('identify', { email: EMAIL });
    early.crash();
    site.answer = (request) => receipt(request);
    site.clock.set(ms);
    const page = site.open();
    await site.clock.pass(2_000);
    return { site, page };
  };

  it('of 7 days is the end of what an earlier page left', async () => {
    const { site, page } = await leave(7 * DAY_MS - 1_999);
    expect(stored(site)).toEqual([]);
    expect(site.requests).toEqual([]);
    expect(page.told('dropped')).toEqual([[expect.any(String), 'expired']]);
  });

  it('of almost 7 days is none', async () => {
    const { site } = await leave(7 * DAY_MS - 2_000);
    expect(site.requests).toHaveLength(1);
  });

  it('does not count on the page itself, whose clock may have jumped', async () => {
    const { site, page } = await openOffline();
    track(page, 3);
    site.clock.set(8 * DAY_MS);
    site.answer = (request) => receipt(request);
    await site.clock.pass(60_000);
    expect(page.told('dropped')).toEqual([]);
    expect(page.told('accepted')).toHaveLength(4);
  });
});

describe('losses', () => {
  it('are reported with the next envelope, and once', async () => {
    const { site, page } = await openOffline();
    track(page, 110);
    await idle();
    site.answer = (request) => receipt(request);
    await site.clock.pass(60_000);
    page.sendx('identify', {});
    await site.clock.pass(2_000);
    expect(reported(site).at(-1)).toEqual({ expired: 0, evicted: 10 });
    expect(site.requests.filter(hasLost).at(-1)).not.toBe(site.requests.at(-1));
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('are reported until somebody takes the report', async () => {
    const { site, page } = await openOffline();
    track(page, 101);
    await site.clock.pass(10_000);
    expect(reported(site).length).toBeGreaterThan(1);
    page.crash();
    site.answer = (request) => receipt(request);
    site.open();
    await site.clock.pass(60_000);
    expect(reported(site)).toEqual(reported(site).map(() => ({ expired: 0, evicted: 1 })));
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('during a flight are not added to those that it reports', async () => {
    const { site, page } = await openOffline();
    await site.clock.pass(2_000);
    let finish = () => {};
    site.answer = (request) =>
      new Promise((resolve) => {
        finish = () => resolve(receipt(request));
      });
    track(page, 103);
    await idle();
    track(page, 11, 'more');
    finish();
    site.answer = (request) => receipt(request);
    await site.clock.pass(5_000);
    expect(reported(site)).toEqual([
      { expired: 0, evicted: 3 },
      { expired: 0, evicted: 11 },
    ]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('are not taken off where the proxy refused the envelope that reports them', async () => {
    const { site, page } = await openOffline();
    track(page, 110);
    await idle();
    site.answer = () => answer(422);
    await site.clock.pass(60_000);
    expect(page.told('dropped').filter(([, reason]) => reason === 'rejected')).toHaveLength(100);
    site.answer = (request) => receipt(request);
    page.sendx('identify', {});
    await idle();
    expect(site.requests.at(-1)?.lost).toEqual({ expired: 0, evicted: 10 });
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('are taken off with the first receipt, though part of the batch has to go again', async () => {
    const { site, page } = await openOffline();
    track(page, 103);
    await idle();
    let later = 1;
    site.answer = (request) =>
      receipt(request, () => ({ status: later-- > 0 ? 'later' : 'accepted' }));
    const before = site.requests.length;
    await site.clock.pass(120_000);
    const answered = site.requests.slice(before);
    expect(answered.length).toBeGreaterThan(2);
    expect(answered.filter(hasLost).map(({ lost }) => lost)).toEqual([{ expired: 0, evicted: 3 }]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('are taken off once where two tabs report them at the same time', async () => {
    const { site, page } = await openOffline();
    track(page, 103);
    await idle();
    const finish: (() => void)[] = [];
    site.answer = (request) =>
      new Promise((resolve) => finish.push(() => resolve(receipt(request))));
    await site.clock.pass(60_000);
    site.open().sendx('flush');
    await idle();
    expect(reported(site).slice(-2)).toEqual(Array(2).fill({ expired: 0, evicted: 3 }));
    for (const one of finish) one();
    await idle();
    expect(site.storage.items['sendx:lost']).toBeUndefined();
    site.answer = (request) => receipt(request);
    await site.clock.pass(60_000);
    expect(reported(site).length).toBeGreaterThan(2);
    for (const { expired, evicted } of reported(site)) expect([expired, evicted]).toEqual([0, 3]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('count expired messages apart', async () => {
    const { site, page } = await openOffline();
    track(page, 3);
    page.crash();
    site.clock.set(8 * DAY_MS);
    site.answer = (request) => receipt(request);
    const next = site.open();
    next.sendx('identify', {});
    await site.clock.pass(5_000);
    expect(reported(site)).toEqual([{ expired: 3, evicted: 0 }]);
  });
});

describe('entries that are none of ours any more', () => {
  it.each([
    '',
    '{',
    'null',
    '7',
    '"text"',
    'true',
    '[]',
    '{}',
    '{"type":"track","at":1763955600000}',
    '{"id":"a-b-0","type":"track","email":"jane@example.com"}',
    '{"id":"a-b-0","type":"track","at":"soon"}',
  ])('are removed, and neither sent nor counted as lost: %s', async (text) => {
    const site = createSite();
    site.storage.items['sendx:mhx3k2a1-tab-0'] = text;
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(5_000);
    expect(site.requests.flatMap(({ messages }) => messages)).toHaveLength(1);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
    expect(reported(site)).toEqual([]);
    expect(page.told('dropped')).toEqual([]);
  });

  it.each(['', '{', 'null', '7', '-7', '1e99', '"text"', '[]'])(
    'do no harm where the count of losses was: %s',
    async (text) => {
      const site = createSite();
      site.storage.items['sendx:lost'] = text;
      site.storage.items['sendx:due'] = text;
      const { page } = await openOffline(site);
      expect(page.told('accepted')).toHaveLength(1);
      track(page, 101);
      await idle();
      site.answer = (request) => receipt(request);
      await site.clock.pass(60_000);
      expect(page.told('accepted')).toHaveLength(101);
      for (const { lost } of site.requests)
        expect(Math.min(lost.expired, lost.evicted)).toBeGreaterThanOrEqual(0);
    },
  );

  it.each([
    ['is a dash', '-'],
    ['begins with no time', '~-0'],
    ['is of the epoch', '0-'],
    ['is of a time beyond all clocks', `${'z'.repeat(300)}-0`],
  ])('do no harm to this page’s ids where their key %s', async (_, key) => {
    const site = createSite();
    site.storage.items[`sendx:${key}`] = JSON.stringify({
      id: 'a-b-0',
      type: 'track',
      at: START,
    });
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    track(page, 2);
    await site.clock.pass(5_000);
    const own = site.requests
      .flatMap(({ messages }) => messages)
      .filter(({ id }) => id !== 'a-b-0');
    expect(tagsOf(own)).toEqual(['identify', 't0', 't1']);
    for (const { id } of own) expect(id).toMatch(/^[0-9a-z]{8}-[0-9a-z]+-[0-9]$/);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('are left alone where they are of the site itself', async () => {
    const site = createSite();
    site.storage.items['cart-1'] = '{"id":"x"}';
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(5_000);
    expect(site.storage.items['cart-1']).toBe('{"id":"x"}');
  });

  it('may vanish at any time: another tab settles, the site clears', async () => {
    const { site, page } = await openOffline();
    track(page, 3);
    await idle();
    for (const key of stored(site)) delete site.storage.items[key];
    site.answer = (request) => receipt(request, () => ({ status: 'duplicate' }));
    await site.clock.pass(60_000);
    expect(page.told('accepted')).toHaveLength(4);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

describe('a proxy that takes nothing for a day', () => {
  it('gets everything on the next day, in order', async () => {
    const { site, page } = await openOffline();
    site.answer = () => answer(503);
    track(page, 20);
    await site.clock.pass(DAY_MS);
    page.crash();
    const accepted: string[] = [];
    site.answer = (request) => {
      accepted.push(...tagsOf(request.messages).map(String));
      return receipt(request);
    };
    site.open();
    await site.clock.pass(61_000);
    expect(accepted).toEqual(Array.from({ length: 20 }, (_, n) => `t${n}`));
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

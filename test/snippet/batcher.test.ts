import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Message } from '../../src/protocol.ts';
import { install } from '../../src/snippet/tracker.ts';
import { answer, createSite, ENDPOINT, idle, receipt, START, silence } from './site.ts';

const EMAIL = 'jane@example.com';
const WINDOW_MS = 1000;

const sizes = ({ requests }: ReturnType<typeof createSite>) =>
  requests.map(({ messages }) => messages.length);
const tagsOf = (message: Message) => ('addTags' in message ? message.addTags : message.type);
/** Some pages replace `Date.now` by a finer clock. */
const countParts = () => {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 0.25);
  onTestFinished(() => void vi.restoreAllMocks());
};
const bytes = (text: string) => Buffer.byteLength(text);

/** A page whose visitor is known and whose first request is answered. */
const openKnown = async () => {
  const site = createSite();
  const page = site.open();
  page.sendx('identify', { email: EMAIL });
  await idle();
  return { site, page };
};

describe('when messages leave', () => {
  it('sends identify and track of one submit handler in one request of the same task', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('track', { addTags: ['a'] });
    expect(site.requests).toHaveLength(0);
    await Promise.resolve();
    expect(sizes(site)).toEqual([2]);
  });

  it('sends 1 identify and 20 tracks of one task in one request', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    for (let n = 0; n < 20; n++) page.sendx('track', { addTags: [`t${n}`] });
    await site.clock.pass(10_000);
    expect(sizes(site)).toEqual([21]);
    expect(site.requests[0]?.messages.slice(1)).toMatchObject(
      Array.from({ length: 20 }, (_, n) => ({ addTags: [`t${n}`] })),
    );
  });

  it('starts the request as a page that leaves needs it: no preflight, no credentials', async () => {
    const { site } = await openKnown();
    const [{ url, body, init } = { url: '', body: '', init: {} }] = site.requests;
    expect(url).toBe(ENDPOINT);
    expect(typeof body).toBe('string');
    expect({ ...init }).toEqual({ method: 'POST', body, keepalive: true, credentials: 'omit' });
  });

  it('wraps messages as the wire wants them', async () => {
    const { site } = await openKnown();
    expect(JSON.parse(site.requests[0]?.body ?? '')).toEqual({
      v: 1,
      sentAt: START,
      lost: { expired: 0, evicted: 0 },
      messages: [
        {
          id: expect.stringMatching(/^[0-9a-z]+-[0-9a-z]+-\d+$/),
          type: 'identify',
          at: START,
          email: EMAIL,
          traits: {},
        },
      ],
    });
  });

  it('says whole milliseconds where a page has Date.now count parts of them', async () => {
    const site = createSite();
    const page = site.open({ script: false });
    countParts();
    site.clock.as(page, () => install(page.window));
    page.sendx('identify', { email: EMAIL });
    await idle();
    const { sentAt, messages } = JSON.parse(site.requests[0]?.body ?? '');
    expect([sentAt, messages[0].at].filter(Number.isInteger)).toHaveLength(2);
    expect(messages[0].id).toMatch(/^[0-9a-z]+-[0-9a-z]+-1$/);
  });

  it('lets tracks within a second of the last request travel together', async () => {
    const { site, page } = await openKnown();
    await site.clock.pass(100);
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(500);
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(399);
    expect(sizes(site)).toEqual([1]);
    await site.clock.pass(1);
    expect(sizes(site)).toEqual([1, 2]);
  });

  it('sends a track at once where the last request is older than a second', async () => {
    const { site, page } = await openKnown();
    await site.clock.pass(WINDOW_MS + 1);
    page.sendx('track', { addTags: ['a'] });
    await Promise.resolve();
    expect(sizes(site)).toEqual([1, 1]);
  });

  it('sends an identify at once, and what waited with it', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(10);
    page.sendx('identify', { firstName: 'Jane' });
    await Promise.resolve();
    expect(sizes(site)).toEqual([1, 2]);
  });

  it('has one request in flight at a time', async () => {
    const site = createSite();
    const page = site.open();
    let finish = (_: Response) => {};
    site.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    page.sendx('identify', { email: EMAIL });
    await idle();
    for (let n = 0; n < 5; n++) {
      page.sendx('identify', { firstName: `${n}` });
      page.sendx('flush');
      await site.clock.pass(2_000);
    }
    expect(sizes(site)).toEqual([1]);
    const [first] = site.requests;
    if (first) finish(receipt(first));
    await site.clock.pass(WINDOW_MS);
    expect(sizes(site)).toEqual([1, 5]);
  });

  it('sends at once when the developer flushes', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('flush');
    expect(sizes(site)).toEqual([1, 1]);
  });

  it('makes no request where there is nothing to say', async () => {
    const { site, page } = await openKnown();
    page.sendx('flush');
    await site.clock.pass(60_000);
    page.hide();
    page.show();
    page.online();
    page.leave();
    expect(sizes(site)).toEqual([1]);
  });

  it('has no timer left once all is settled', async () => {
    const { site } = await openKnown();
    await site.clock.pass(60_000);
    expect(site.clock.pending()).toBe(0);
  });

  it('sends at most 50 messages at a time, in order, without a pause between', async () => {
    const { site, page } = await openKnown();
    await site.clock.pass(2_000);
    const names = Array.from({ length: 99 }, (_, n) => `t${n}`);
    for (const name of names) page.sendx('track', { addTags: [name] });
    await site.clock.pass(0);
    expect(sizes(site)).toEqual([1, 50, 49]);
    const sent = site.requests.slice(1).flatMap(({ messages }) => messages);
    expect(sent.map((message) => 'addTags' in message && message.addTags?.[0])).toEqual(names);
  });

  it.each(['x', 'ž', '漢', '😀'])(
    'keeps every body within 16 KiB of UTF-8, and uses them: %s',
    async (letter) => {
      const { site, page } = await openKnown();
      await site.clock.pass(2_000);
      const name = letter.repeat(2_400 / bytes(letter));
      for (let n = 0; n < 20; n++) page.sendx('track', { addTags: [`${name}${n}`] });
      await site.clock.pass(10_000);
      const bodies = site.requests.slice(1).map(({ body }) => bytes(body));
      expect(Math.max(...bodies)).toBeLessThanOrEqual(16 * 1024);
      expect(sizes(site)).toEqual([1, 6, 6, 6, 2]);
    },
  );

  it('lets no small message overtake a large one that does not fit any more', async () => {
    const { site, page } = await openKnown();
    await site.clock.pass(2_000);
    const sizes = [7_500, 7_500, 7_500, 1];
    for (const size of sizes) page.sendx('track', { addTags: ['x'.repeat(size)] });
    await site.clock.pass(5_000);
    const sent = site.requests
      .slice(1)
      .map(({ messages }) =>
        messages.map((message) =>
          'addTags' in message ? message.addTags?.[0]?.length : undefined,
        ),
      );
    expect(sent).toEqual([
      [7_500, 7_500],
      [7_500, 1],
    ]);
  });

  it('fills a body to the last byte', async () => {
    const { site, page } = await openKnown();
    await site.clock.pass(2_000);
    // 16 KiB less the envelope's 128 bytes; each message is followed by a comma.
    const room = 16 * 1024 - 128;
    page.sendx('track', { addTags: ['x'] });
    await idle();
    const overhead = bytes(JSON.stringify(site.requests[1]?.messages[0])) - 1;
    await site.clock.pass(2_000);
    const each = room / 2 - 1 - overhead;
    for (const size of [each, each - 1, each, each])
      page.sendx('track', { addTags: ['y'.repeat(size)] });
    await site.clock.pass(5_000);
    expect(sizes(site).slice(2)).toEqual([2, 1, 1]);
  });

  it('touches no storage before the first call or two seconds', async () => {
    const site = createSite();
    const page = site.open();
    await site.clock.pass(1_999);
    expect(site.storage.touched).toBe(0);
    page.sendx('on', 'error', () => {});
    page.show();
    expect(site.storage.touched).toBe(0);
    await site.clock.pass(1);
    expect(site.storage.touched).toBeGreaterThan(0);
  });
});

describe('where nothing may leave', () => {
  it('keeps everything while it has no endpoint', async () => {
    const site = createSite();
    const page = site.open({ data: { endpoint: '' } });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(5_000);
    page.hide();
    expect(site.requests).toEqual([]);
    page.show();
    page.sendx('config', { endpoint: ENDPOINT });
    await idle();
    expect(sizes(site)).toEqual([1]);
  });

  it('sends nothing from a prerendered page until it is activated', async () => {
    const site = createSite();
    const page = site.open({ prerendering: true });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(60_000);
    expect(site.requests).toEqual([]);
    page.activate();
    await idle();
    expect(sizes(site)).toEqual([1]);
  });

  it('sends nothing from a prerendered page that is thrown away, nor from the one in front', async () => {
    const { site, page } = await openKnown();
    const ahead = site.open({ prerendering: true });
    ahead.sendx('track', { addTags: ['unseen'] });
    ahead.sendx('consent', 'denied');
    await site.clock.pass(60_000);
    ahead.crash();
    page.sendx('track', { addTags: ['seen'] });
    await site.clock.pass(WINDOW_MS);
    const messages = site.requests.flatMap((request) => request.messages);
    expect(messages.map(tagsOf)).toEqual(['identify', ['seen']]);
  });

  it('settles what earlier pages left once a prerendered page that says nothing is activated', async () => {
    const { site, page } = await openKnown();
    site.answer = silence;
    page.sendx('track', { addTags: ['left'] });
    page.crash();
    site.answer = (request) => receipt(request);
    const ahead = site.open({ prerendering: true });
    await site.clock.pass(60_000);
    expect(sizes(site)).toEqual([1]);
    ahead.activate();
    await idle();
    expect(sizes(site)).toEqual([1, 1]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('touches nothing from a prerendered page, whatever consent holds there', async () => {
    const { site } = await openKnown();
    site.open({ prerendering: true, data: { consent: 'denied' } }).sendx('flush');
    await site.clock.pass(60_000);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('sends what a prerendered page said although its clock, its arrays and its objects are odd', async () => {
    const { site } = await openKnown();
    const prototype = Array.prototype as { toJSON?: unknown };
    const ahead = site.open({ prerendering: true, script: false });
    const model: Record<string, unknown> = { addTags: ['a', 'b'] };
    try {
      prototype.toJSON = function (this: unknown[]) {
        return `[${this.map((one) => JSON.stringify(one)).join(', ')}]`;
      };
      countParts();
      site.clock.as(ahead, () => install(ahead.window));
      ahead.sendx('track', model);
    } finally {
      delete prototype.toJSON;
    }
    model.self = model;
    ahead.sendx('track', model);
    ahead.activate();
    await site.clock.pass(WINDOW_MS);
    const messages = site.requests.slice(1).flatMap((request) => request.messages);
    // The proxy reads the text of an array as an array.
    expect(messages.map(tagsOf)).toEqual(['["a", "b"]', ['a', 'b']]);
    for (const { at } of messages) expect(at).toSatisfy(Number.isInteger);
  });

  it('sends what a prerendered page said as it was said, and leaves stubs to it until then', async () => {
    const { site } = await openKnown();
    const stub = [`${START.toString(36)}-x-0`, START, { 0: 'track', 1: { addTags: ['stub'] } }];
    site.storage.items['sendx:stub:aa'] = JSON.stringify({ v: 1, calls: [stub] });
    const ahead = site.open({ prerendering: true });
    const heard: unknown[] = [];
    const payload = { addTags: ['a'], success: (event: unknown) => heard.push(event) };
    const at = site.clock.now();
    ahead.sendx('track', payload);
    ahead.sendx('track', { addTags: ['b'] });
    payload.addTags.push('later');
    await site.clock.pass(60_000);
    expect(site.storage.items['sendx:stub:aa']).toBeDefined();
    ahead.activate();
    await site.clock.pass(WINDOW_MS);
    const messages = site.requests.slice(1).flatMap((request) => request.messages);
    expect(messages.map(tagsOf)).toEqual([['stub'], ['a'], ['b']]);
    expect(messages.map((message) => message.at)).toEqual([START, at, at]);
    expect(heard).toMatchObject([{ event: 'accepted' }]);
  });
});

describe('a page that a clock deceives', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const jumps = [-400 * DAY_MS, -DAY_MS, -5_000, 5_000, DAY_MS, 6 * DAY_MS];

  it.each(jumps)('sends the next calls in spite of a jump by %i ms', async (jump) => {
    const { site, page } = await openKnown();
    site.clock.set(jump);
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(WINDOW_MS);
    expect(sizes(site)).toEqual([1, 1]);
    site.clock.set(-jump);
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(WINDOW_MS);
    expect(sizes(site)).toEqual([1, 1, 1]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it.each(jumps)('sends what was called during a flight with a jump by %i ms', async (jump) => {
    const site = createSite();
    const page = site.open();
    let finish = () => {};
    site.answer = (request) =>
      new Promise((resolve) => {
        finish = () => resolve(receipt(request));
      });
    page.sendx('identify', { email: EMAIL });
    await idle();
    page.sendx('track', { addTags: ['a'] });
    site.clock.set(jump);
    finish();
    await site.clock.pass(WINDOW_MS);
    expect(sizes(site)).toEqual([1, 1]);
  });

  it.each(jumps)('waits no longer than its own pause after a jump by %i ms', async (jump) => {
    const { site, page } = await openKnown();
    site.answer = () => answer(503);
    page.sendx('identify', {});
    await idle();
    site.clock.set(jump);
    site.answer = (request) => receipt(request);
    await site.clock.pass(60_000);
    expect(page.told('accepted')).toHaveLength(2);
  });

  it('takes what an earlier page left though its clock was ahead by days', async () => {
    const site = createSite();
    site.answer = silence;
    site.clock.set(3 * DAY_MS);
    const early = site.open();
    early.sendx('identify', { email: EMAIL });
    await idle();
    early.crash();
    site.clock.set(-3 * DAY_MS);
    site.answer = (request) => receipt(request);
    site.open();
    await site.clock.pass(2_000);
    expect(sizes(site)).toEqual([1, 1]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

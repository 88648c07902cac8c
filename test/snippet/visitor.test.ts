import { describe, expect, it } from 'vitest';
import {
  createSite,
  idle,
  type Page,
  type Request,
  receipt,
  type Site,
  silence,
  unreachable,
} from './site.ts';

const EMAIL = 'jane@example.com';
const OTHER = 'joe@example.com';

/** What was sent, in short: who, what, and with which proof. */
const said = ({ requests }: Pick<Site, 'requests'>) =>
  requests.flatMap(({ messages }) =>
    messages.map((message) =>
      [
        message.email,
        message.type === 'track' ? `+${message.addTags}` : Object.values(message.traits).join(),
        message.signature && `signed ${message.signature}`,
      ]
        .filter(Boolean)
        .join(' '),
    ),
  );
const held = (page: Page) => page.told('held').map(([id]) => id);
const idsOf = ({ messages }: Pick<Request, 'messages'>) => messages.map(({ id }) => id);
const leftovers = (site: Site) => site.storage.keys().filter((key) => key !== 'sendx:identity');

/** The first tag, or the type, of each message as the next request takes them. */
const storedInOrder = ({ storage }: Site): readonly string[] =>
  storage
    .keys()
    .filter((key) => key.includes('-'))
    .sort()
    .map((key) => JSON.parse(storage.items[key] ?? ''))
    .map(({ type, addTags = [type] }) => addTags[0]);

describe('identify', () => {
  it('is remembered: later calls need no e-mail, on later pages neither', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('identify', { firstName: 'Jane' });
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(2_000);
    page.leave();
    const next = site.open();
    next.sendx('track', { addTags: ['b'] });
    next.sendx('identify', { company: 'Acme' });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([
      EMAIL,
      `${EMAIL} Jane`,
      `${EMAIL} +a`,
      `${EMAIL} +b`,
      `${EMAIL} Acme`,
    ]);
  });

  it('of somebody else replaces the visitor', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: OTHER });
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL, `${EMAIL} +a`, OTHER, `${OTHER} +b`]);
  });

  it('with newEmail goes to the old address; all that follows to the new one', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('identify', { newEmail: ' Joe@Example.com ' });
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(2_000);
    page.leave();
    site.open().sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL, `${EMAIL} ${OTHER}`, `${OTHER} +a`, `${OTHER} +b`]);
  });

  it('with newEmail that the proxy refuses is taken back, with the signature', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL, signature: 'ab12' });
    await site.clock.pass(2_000);
    site.answer = unreachable;
    page.sendx('identify', { newEmail: OTHER });
    page.leave();
    site.answer = (request) =>
      receipt(request, (message) => ({
        status: 'traits' in message && message.traits.newEmail ? 'refused' : 'accepted',
        code: 'signature_required',
      }));
    const next = site.open();
    next.sendx('track', { addTags: ['a'] });
    await site.clock.pass(5_000);
    next.sendx('track', { addTags: ['b'] });
    await site.clock.pass(5_000);
    expect(said(site).at(-1)).toBe(`${EMAIL} +b signed ab12`);
  });

  it('that is refused for another reason changes nobody', async () => {
    const site = createSite();
    site.answer = (request) => receipt(request, () => ({ status: 'refused', code: 'rejected' }));
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    page.sendx('track', { addTags: ['a'], email: OTHER });
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(said(site).at(-1)).toBe(`${EMAIL} +b`);
  });

  it('of one tab is not told after another tab has reset it', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    site.open().sendx('reset');
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(5_000);
    expect(said(site)).toEqual([EMAIL]);
    page.sendx('identify', { email: OTHER });
    await site.clock.pass(2_000);
    expect(said(site).slice(1)).toEqual([OTHER, `${OTHER} +a`]);
  });

  it('that is no identify changes nobody', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('identify', { email: 'nobody' });
    page.sendx('identify', { newEmail: 'nobody' });
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL, `${EMAIL} +a`]);
    expect(page.told('dropped')).toEqual(Array(2).fill([expect.any(String), 'invalid']));
  });
});

describe('a track with an e-mail of its own', () => {
  it('needs no identify, and identifies nobody', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('track', { email: OTHER, addTags: ['a'] });
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([`${OTHER} +a`]);
    expect(held(page)).toHaveLength(1);
    expect(site.storage.items['sendx:identity']).toBeUndefined();
  });
});

describe('a signature', () => {
  it('travels with every message of the address that it proves', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL, signature: 'ab12' });
    page.sendx('track', { addTags: ['a'] });
    page.sendx('track', { email: OTHER, addTags: ['b'] });
    page.sendx('identify', { email: EMAIL.toUpperCase(), firstName: 'Jane' });
    await site.clock.pass(2_000);
    page.leave();
    site.open().sendx('track', { addTags: ['c'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([
      `${EMAIL} signed ab12`,
      `${EMAIL} +a signed ab12`,
      `${OTHER} +b`,
      `${EMAIL} Jane signed ab12`,
      `${EMAIL} +c signed ab12`,
    ]);
  });

  it('of the old address goes with the rename, and no further', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL, signature: 'ab12' });
    page.sendx('identify', { newEmail: OTHER });
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([
      `${EMAIL} signed ab12`,
      `${EMAIL} ${OTHER} signed ab12`,
      `${OTHER} +a`,
      EMAIL,
    ]);
  });

  it('may come later than the address, and be replaced', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('identify', { signature: 'ab12' });
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL, signature: 'cd34' });
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([
      EMAIL,
      `${EMAIL} signed ab12`,
      `${EMAIL} +a signed ab12`,
      `${EMAIL} signed cd34`,
      `${EMAIL} +b signed cd34`,
    ]);
  });
});

describe('tracks before any identify', () => {
  it('are held, and sent right after the first identify, in order, under their ids and times', async () => {
    const site = createSite();
    const page = site.open();
    for (const tag of ['a', 'b', 'c']) {
      page.sendx('track', { addTags: [tag] });
      await site.clock.pass(3_000);
    }
    expect(site.requests).toEqual([]);
    const ids = held(page);
    page.sendx('identify', { email: EMAIL, signature: 'ab12' });
    await idle();
    expect(said(site)).toEqual([
      `${EMAIL} signed ab12`,
      `${EMAIL} +a signed ab12`,
      `${EMAIL} +b signed ab12`,
      `${EMAIL} +c signed ab12`,
    ]);
    const [, ...tracks] = site.requests[0]?.messages ?? [];
    expect(tracks.map(({ id }) => id)).toEqual(ids);
    const [first = 0, ...later] = tracks.map(({ at }) => at);
    expect(later.map((at) => at - first)).toEqual([3_000, 6_000]);
    expect(leftovers(site)).toEqual([]);
  });

  it('come before what is called after it', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL });
    page.sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL, `${EMAIL} +a`, `${EMAIL} +b`]);
  });

  it.each([10, 1_999, 60_000])('are held from page to page, %i ms old', async (age) => {
    const site = createSite();
    const early = site.open();
    early.sendx('track', { addTags: ['a'] });
    early.sendx('track', { addTags: ['b'] });
    const ids = held(early);
    early.leave();
    expect(site.requests).toEqual([]);
    await site.clock.pass(age);
    const page = site.open();
    page.sendx('track', { addTags: ['c'] });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL, `${EMAIL} +a`, `${EMAIL} +b`, `${EMAIL} +c`]);
    expect(site.requests.flatMap(idsOf).slice(1, 3)).toEqual(ids);
    expect(leftovers(site)).toEqual([]);
  });

  it('of a page that is still there are sent by another tab’s identify', async () => {
    const site = createSite();
    const [one, other] = [site.open(), site.open()];
    one.sendx('track', { addTags: ['a'] });
    other.sendx('identify', { email: EMAIL });
    await site.clock.pass(3_000);
    // The tab that made it may send it again: it cannot know.
    expect(new Set(said(site))).toEqual(new Set([EMAIL, `${EMAIL} +a`]));
    expect(new Set(site.requests.flatMap(idsOf)).size).toBe(2);
    one.sendx('track', { addTags: ['b'] });
    await site.clock.pass(3_000);
    expect(said(site).slice(-1)).toEqual([`${EMAIL} +b`]);
    expect(leftovers(site)).toEqual([]);
  });

  it('come behind what their tab said before, though the clock was set back meanwhile', async () => {
    const site = createSite();
    site.answer = silence;
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(100);
    page.sendx('track', { addTags: ['before'] });
    page.sendx('reset');
    page.sendx('track', { addTags: ['after'] });
    site.clock.set(-401);
    site.open().sendx('identify', { email: EMAIL });
    expect(storedInOrder(site)).toEqual(['identify', 'before', 'identify', 'after']);
  });

  it('come behind what another tab stored before, though the clock was set back meanwhile', async () => {
    const site = createSite();
    site.answer = silence;
    const page = site.open();
    page.sendx('track', { addTags: ['held'] });
    await site.clock.pass(100);
    const other = site.open();
    other.sendx('identify', { email: EMAIL });
    site.clock.set(-1_000);
    page.sendx('track', { addTags: ['next'] });
    // Both tabs release what was held; the proxy knows it by its id.
    expect([...new Set(storedInOrder(site))]).toEqual(['identify', 'held', 'next']);
  });

  it('that an earlier page left go out where a visitor is known by now', async () => {
    const site = createSite();
    site.open().sendx('track', { addTags: ['a'] });
    site.storage.items['sendx:identity'] = JSON.stringify({ email: EMAIL });
    site.open();
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([`${EMAIL} +a`]);
    expect(leftovers(site)).toEqual([]);
  });

  it('are bounded: the oldest go', async () => {
    const site = createSite();
    const page = site.open();
    for (let n = 0; n < 133; n++) page.sendx('track', { addTags: [`${n}`] });
    expect(page.told('dropped')).toEqual(Array(33).fill([expect.any(String), 'evicted']));
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(10_000);
    expect(said(site)).toEqual([
      EMAIL,
      ...Array.from({ length: 99 }, (_, n) => `${EMAIL} +${n + 34}`),
    ]);
  });

  it('are kept for 7 days', async () => {
    const site = createSite();
    const early = site.open();
    early.sendx('track', { addTags: ['a'] });
    early.crash();
    site.clock.set(7 * 24 * 60 * 60 * 1000 + 1);
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL]);
    expect(page.told('dropped')).toEqual([[expect.any(String), 'expired']]);
  });

  it('need no storage', async () => {
    const site = createSite();
    site.storage.health = 'denied';
    const page = site.open();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL, `${EMAIL} +a`]);
  });

  it('hear of their receipt as if they had not been held', async () => {
    const site = createSite();
    const page = site.open();
    const heard: unknown[] = [];
    page.sendx('track', { addTags: ['a'], success: ({ id }: { id: string }) => heard.push(id) });
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    expect(heard).toEqual(held(page));
  });
});

describe('reset', () => {
  it('forgets the visitor, on later pages too', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL, signature: 'ab12' });
    await idle();
    page.sendx('reset');
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(3_000);
    expect(said(site)).toEqual([`${EMAIL} signed ab12`]);
    page.leave();
    const next = site.open();
    next.sendx('track', { addTags: ['b'] });
    next.sendx('identify', { email: OTHER });
    await site.clock.pass(2_000);
    expect(said(site).slice(1)).toEqual([OTHER, `${OTHER} +a`, `${OTHER} +b`]);
  });

  it('holds what comes next, until somebody else is identified', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.sendx('reset');
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: OTHER });
    await site.clock.pass(3_000);
    expect(said(site)).toEqual([EMAIL, OTHER, `${OTHER} +a`]);
  });

  it('gives up what was held: it was the forgotten visitor’s', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('reset');
    expect(page.told('dropped')).toEqual([[held(page)[0], 'reset']]);
    expect(leftovers(site)).toEqual([]);
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(2_000);
    expect(said(site)).toEqual([EMAIL]);
  });

  it('still delivers what was said of the visitor before', async () => {
    const site = createSite();
    site.answer = silence;
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    await idle();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('reset');
    page.leave();
    site.answer = (request) => receipt(request);
    site.open();
    await site.clock.pass(2_000);
    expect(said(site).slice(-2)).toEqual([EMAIL, `${EMAIL} +a`]);
    expect(leftovers(site)).toEqual([]);
  });
});

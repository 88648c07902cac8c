import { describe, expect, it } from 'vitest';
import {
  createSite,
  idle,
  type Request,
  receipt,
  type Site,
  silence,
  unreachable,
} from './site.ts';

const EMAIL = 'jane@example.com';
const MAX_BEACON_BYTES = 64 * 1024;

const tagsOf = ({ messages }: Request) =>
  messages.flatMap((message) => ('addTags' in message ? message.addTags : message.type));
const beacons = ({ requests }: Site) => requests.filter(({ via }) => via === 'beacon');
const fetches = ({ requests }: Site) => requests.filter(({ via }) => via === 'fetch');
const stored = (site: Site) => site.storage.keys().filter((key) => key.includes('-'));

/** A page of a known visitor that has just sent something. */
const openKnown = async () => {
  const site = createSite();
  const page = site.open();
  page.sendx('identify', { email: EMAIL });
  await site.clock.pass(100);
  return { site, page };
};

describe('a page that leaves', () => {
  it('gives a beacon what waits, and deletes nothing', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('track', { addTags: ['b'] });
    page.leave();
    expect(beacons(site).map(tagsOf)).toEqual([['a', 'b']]);
    expect(stored(site)).toHaveLength(2);
  });

  it('does so in the task of the call too, before its request could start', () => {
    const site = createSite();
    const page = site.open();
    page.sendx('identify', { email: EMAIL });
    page.leave();
    expect(beacons(site).map(tagsOf)).toEqual([['identify']]);
  });

  it('leaves what is in flight to its request where nothing else waits', async () => {
    const { site, page } = await openKnown();
    site.answer = silence;
    page.sendx('identify', {});
    await idle();
    page.leave();
    expect(beacons(site)).toEqual([]);
  });

  it('takes what is in flight along before what waits: a beacon may be the first to arrive', async () => {
    const { site, page } = await openKnown();
    site.answer = silence;
    page.sendx('identify', {});
    await idle();
    page.sendx('track', { addTags: ['a'] });
    page.leave();
    expect(beacons(site).map(tagsOf)).toEqual([['identify', 'a']]);
  });

  it('says a thing once, though browsers tell it twice that it leaves', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.hide();
    page.leave();
    expect(beacons(site)).toHaveLength(1);
  });

  it('is followed by a page that gets an answer for what the beacon took', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.leave();
    site.answer = (request) => receipt(request, () => ({ status: 'duplicate' }));
    await site.clock.pass(5_000);
    site.open();
    await site.clock.pass(2_000);
    expect(fetches(site).map(tagsOf)).toEqual([['identify'], ['a']]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('takes what an earlier page left along, though its visit was shorter than two seconds', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.crash();
    site.open().leave();
    expect(beacons(site).map(tagsOf)).toEqual([['a']]);
  });

  it('keeps a beacon within what browsers take', async () => {
    const { site, page } = await openKnown();
    for (let n = 0; n < 12; n++) page.sendx('track', { addTags: ['漢'.repeat(1_600)] });
    page.leave();
    const [beacon] = beacons(site);
    expect(Buffer.byteLength(beacon?.body ?? '')).toBeLessThan(MAX_BEACON_BYTES);
    expect(beacon?.messages.length).toBeGreaterThan(8);
  });

  it('reports no losses by beacon: nobody could tell that they were heard', async () => {
    const { site, page } = await openKnown();
    site.answer = unreachable;
    for (let n = 0; n < 110; n++) page.sendx('track', { addTags: ['a'] });
    page.leave();
    expect(beacons(site).map(({ lost }) => lost)).toEqual([{ expired: 0, evicted: 0 }]);
    expect(site.storage.items['sendx:lost']).toBeDefined();
  });
});

describe('a beacon that the browser refuses', () => {
  const names = Array.from({ length: 8 }, (_, n) => `t${n}`);
  const open = async () => {
    const { site, page } = await openKnown();
    for (const name of names) page.sendx('track', { addTags: [name] });
    return { site, page };
  };

  it('is halved until it is taken', async () => {
    const { site, page } = await open();
    site.beacon = ({ messages }) => messages.length <= 2;
    page.leave();
    const taken = beacons(site).filter(({ messages }) => messages.length <= 2);
    expect(taken.flatMap(tagsOf)).toEqual(names);
    expect(beacons(site).length).toBeLessThan(12);
  });

  it('is the last: nothing overtakes what was refused', async () => {
    const { site, page } = await openKnown();
    for (const name of names)
      page.sendx('track', {
        addTags: [name],
        removeTags: [name === 't3' ? 'x'.repeat(3_000) : ''],
      });
    let quota = 2_000;
    const taken: unknown[] = [];
    site.beacon = (request) => {
      const left = quota - Buffer.byteLength(request.body);
      if (left < 0) return false;
      quota = left;
      taken.push(...tagsOf(request));
      return true;
    };
    page.hide();
    expect(taken).toEqual(['t0', 't1', 't2']);
    expect(stored(site)).toHaveLength(8);
  });

  it('leaves everything stored, and the page that stays sends it', async () => {
    const { site, page } = await open();
    site.beacon = () => false;
    page.hide();
    await site.clock.pass(2_000);
    expect(fetches(site).map(tagsOf)).toEqual([['identify'], names]);
    expect(stored(site)).toEqual([]);
  });

  it.each([
    [
      'throws',
      {
        sendBeacon: () => {
          throw new Error('patched');
        },
      },
    ],
    ['is none', {}],
  ])('counts as refused where it %s', async (_how, navigator) => {
    const { site, page } = await open();
    Object.assign(page.window, { navigator });
    page.hide();
    await site.clock.pass(2_000);
    expect(fetches(site).map(tagsOf)).toEqual([['identify'], names]);
  });
});

describe('a page that comes back', () => {
  it('settles what a beacon took', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.hide();
    page.show();
    await idle();
    expect(fetches(site).map(tagsOf)).toEqual([['identify'], ['a']]);
    expect(page.told('accepted')).toHaveLength(2);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('need not come back: hidden, it settles what beacons took or lost', async () => {
    const { site, page } = await openKnown();
    site.answer = unreachable;
    page.sendx('track', { addTags: ['a'] });
    page.hide();
    await site.clock.pass(5_000);
    expect(stored(site)).toHaveLength(1);
    site.answer = (request) => receipt(request);
    await site.clock.pass(10_000);
    expect(fetches(site).map(tagsOf).at(-1)).toEqual(['a']);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('settles what a beacon took during a flight that outlived its absence', async () => {
    const { site, page } = await openKnown();
    let finish = () => {};
    site.answer = (request) =>
      new Promise((resolve) => {
        finish = () => resolve(receipt(request));
      });
    page.sendx('identify', {});
    await idle();
    page.sendx('track', { addTags: ['a'] });
    page.hide();
    page.show();
    finish();
    await idle();
    site.answer = (request) => receipt(request, () => ({ status: 'duplicate' }));
    await site.clock.pass(2_000);
    expect(page.told('accepted')).toHaveLength(3);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('does not send again what is in flight', async () => {
    const { site, page } = await openKnown();
    site.answer = silence;
    page.sendx('identify', {});
    await idle();
    page.hide();
    page.show();
    page.sendx('flush');
    await site.clock.pass(10_000);
    expect(site.requests).toHaveLength(2);
  });

  describe('from the back/forward cache', () => {
    it('sends again what was in flight, before what it says now', async () => {
      const { site, page } = await openKnown();
      site.answer = silence;
      page.sendx('identify', { firstName: 'Jane' });
      await idle();
      site.answer = (request) => receipt(request, () => ({ status: 'duplicate' }));
      page.restore();
      page.sendx('track', { addTags: ['a'] });
      await site.clock.pass(2_000);
      expect(fetches(site).map(tagsOf)).toEqual([['identify'], ['identify'], ['identify'], ['a']]);
      expect(page.told('accepted')).toHaveLength(3);
      expect(site.storage.keys()).toEqual(['sendx:identity']);
    });

    it('does so in a tab that nobody looks at, too', async () => {
      const { site, page } = await openKnown();
      site.answer = silence;
      page.sendx('identify', { firstName: 'Jane' });
      await idle();
      site.answer = (request) => receipt(request);
      page.hide();
      page.restore();
      await idle();
      expect(page.told('accepted')).toHaveLength(2);
    });

    it('hears no late answer to what it has sent again', async () => {
      const { site, page } = await openKnown();
      let finish = () => {};
      site.answer = (request) =>
        new Promise((resolve) => {
          finish = () => resolve(receipt(request));
        });
      page.sendx('identify', { firstName: 'Jane' });
      await idle();
      const late = finish;
      page.restore();
      await idle();
      late();
      await idle();
      expect(page.told('accepted')).toHaveLength(1);
      finish();
      await site.clock.pass(60_000);
      expect(page.told('accepted')).toHaveLength(2);
      expect(page.told('error')).toEqual([]);
      expect(fetches(site)).toHaveLength(3);
    });
  });

  it('sends what was called while it was hidden', async () => {
    const { site, page } = await openKnown();
    page.hide();
    page.sendx('identify', { firstName: 'Jane' });
    await idle();
    expect(fetches(site)).toHaveLength(2);
  });
});

describe('the next page', () => {
  it('sends what an earlier one left after two seconds, under the same ids', async () => {
    const { site, page } = await openKnown();
    site.answer = silence;
    page.sendx('identify', {});
    page.sendx('track', { addTags: ['a'] });
    await idle();
    page.crash();
    site.answer = (request) => receipt(request);
    const next = site.open();
    await site.clock.pass(1_999);
    expect(fetches(site)).toHaveLength(2);
    await site.clock.pass(1);
    const [, lost, again] = fetches(site);
    expect(again?.messages).toEqual(lost?.messages);
    expect(next.told('accepted')).toHaveLength(2);
  });

  it('takes along with its own what has lain for a moment', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.crash();
    await site.clock.pass(1_600);
    site.open().sendx('identify', {});
    await idle();
    expect(fetches(site).map(tagsOf)).toEqual([['identify'], ['a', 'identify']]);
  });

  it('delivers a large backlog in pieces, in order', async () => {
    const { site, page } = await openKnown();
    site.answer = unreachable;
    const names = Array.from({ length: 60 }, (_, n) => `${n}${'x'.repeat(600)}`);
    for (const name of names) page.sendx('track', { addTags: [name] });
    await site.clock.pass(2_000);
    page.crash();
    const sent: unknown[] = [];
    site.answer = (request) => {
      expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(16 * 1024);
      sent.push(...tagsOf(request));
      return receipt(request);
    };
    site.open();
    await site.clock.pass(20_000);
    expect(sent).toEqual(names);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('needs two tabs no lock: twice the work, nothing lost', async () => {
    const { site, page } = await openKnown();
    page.sendx('track', { addTags: ['a'] });
    page.crash();
    const seen = new Set<string>();
    site.answer = (request) =>
      receipt(request, ({ id }) => {
        const status = seen.has(id) ? 'duplicate' : 'accepted';
        seen.add(id);
        return { status };
      });
    const tabs = [site.open(), site.open(), site.open()];
    await site.clock.pass(5_000);
    expect(tabs.flatMap((tab) => tab.told('accepted')).length).toBeGreaterThan(0);
    expect(seen.size).toBe(1);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

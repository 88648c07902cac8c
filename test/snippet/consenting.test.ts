import { describe, expect, it } from 'vitest';
import { pasteStub } from './pasteStub.ts';
import { createSite, idle, type Page, receipt, type Setup, type Site, silence } from './site.ts';

const EMAIL = 'jane@example.com';
const START_TAGS = ['a', 'b'];

const sent = ({ requests }: Site) =>
  requests.flatMap(({ messages }) =>
    messages.map((message) => (message.type === 'track' ? message.addTags?.[0] : message.type)),
  );
const dropped = (page: Page) => page.told('dropped').map(([, reason]) => reason);
const call = (page: Page) => {
  page.sendx('identify', { email: EMAIL });
  for (const tag of START_TAGS) page.sendx('track', { addTags: [tag] });
};
const open = (setup: Setup = {}) => {
  const site = createSite();
  return { site, page: site.open(setup) };
};
const PENDING = { data: { consent: 'pending' } };
const DENIED = { data: { consent: 'denied' } };

describe('pending', () => {
  it('keeps calls in memory: nothing is stored, nothing is sent', async () => {
    const { site, page } = open(PENDING);
    call(page);
    await site.clock.pass(60_000);
    page.sendx('flush');
    page.hide();
    page.show();
    page.leave();
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
    expect(site.jar.written).toEqual([]);
  });

  it('takes nothing away that an earlier page stored, though it is over its age', async () => {
    const { site, page } = open();
    site.answer = silence;
    page.sendx('track', { addTags: ['a'] });
    page.crash();
    site.storage.items['sendx:lost'] = '3';
    const before = { ...site.storage.items };
    site.clock.set(8 * 24 * 60 * 60 * 1000);
    const next = site.open(PENDING);
    next.sendx('track', { addTags: ['b'] });
    await site.clock.pass(60_000);
    next.leave();
    expect(site.storage.items).toEqual(before);
  });

  it('then granted sends what was held, in order, with its original time', async () => {
    const { site, page } = open(PENDING);
    call(page);
    const at = site.clock.now();
    await site.clock.pass(60_000);
    page.sendx('consent', 'granted');
    expect(site.storage.keys().length).toBeGreaterThan(1);
    await idle();
    expect(sent(site)).toEqual(['identify', 'a', 'b']);
    expect(site.requests[0]?.messages.map((message) => message.at)).toEqual(Array(3).fill(at));
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('then denied gives up what was held, and says so of each message', async () => {
    const { site, page } = open(PENDING);
    call(page);
    page.sendx('consent', 'denied');
    await site.clock.pass(60_000);
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
    const ids = page.told('stored').map(([id]) => id);
    expect(page.told('dropped')).toEqual(ids.map((id) => [id, 'consent']));
  });

  it('granted in another tab stores what this one held', async () => {
    const { site, page } = open(PENDING);
    call(page);
    site.answer = silence;
    site.open(PENDING).sendx('consent', 'granted');
    page.sendx('flush');
    page.crash();
    site.answer = (request) => receipt(request);
    const next = site.open(PENDING);
    next.sendx('flush');
    await site.clock.pass(5_000);
    const taken = site.requests.filter((request) => request.page === next);
    expect(sent({ ...site, requests: taken })).toEqual(['identify', 'a', 'b']);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it.each(['reset', 'identify'])(
    'granted in another tab does not undo what that tab said since: %s',
    async (word) => {
      const { site, page } = open(PENDING);
      page.sendx('identify', { email: EMAIL });
      page.hide();
      const other = site.open(PENDING);
      other.sendx('consent', 'granted');
      other.sendx('identify', { email: 'new@example.com' });
      if (word === 'reset') other.sendx('reset');
      page.show();
      await idle();
      other.sendx('track', { addTags: ['c'] });
      await site.clock.pass(5_000);
      const tracks = site.requests
        .flatMap(({ messages }) => messages)
        .filter(({ type }) => type === 'track');
      const emails = new Set(tracks.map(({ email }) => email));
      expect([...emails]).toEqual(word === 'reset' ? [] : ['new@example.com']);
    },
  );

  it('leaves what stubs stored to a page that may store', async () => {
    const site = createSite();
    const early = site.open({ before: pasteStub, script: false });
    early.sendx('identify', { email: EMAIL });
    early.leave();
    const asking = site.open(PENDING);
    asking.sendx('track', { addTags: ['a'] });
    await site.clock.pass(5_000);
    asking.leave();
    site.open().sendx('flush');
    await site.clock.pass(5_000);
    expect(sent(site)).toEqual(['identify']);
  });

  it('is bounded too', () => {
    const { page } = open(PENDING);
    for (let n = 0; n < 122; n++) page.sendx('track', { email: EMAIL, addTags: [`${n}`] });
    expect(dropped(page)).toEqual(Array(22).fill('evicted'));
  });

  it('may be chosen: what comes then is kept in memory', async () => {
    const { site, page } = open();
    page.sendx('consent', 'pending');
    call(page);
    await site.clock.pass(10_000);
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
    page.sendx('consent', 'granted');
    await idle();
    expect(sent(site)).toEqual(['identify', 'a', 'b']);
  });
});

describe('denied', () => {
  it('keeps nothing and sends nothing, and tells each caller', async () => {
    const { site, page } = open(DENIED);
    const heard: unknown[] = [];
    page.sendx('identify', { email: EMAIL, failure: (event: unknown) => heard.push(event) });
    await site.clock.pass(10_000);
    page.leave();
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
    expect(heard).toMatchObject([{ event: 'dropped', reason: 'consent' }]);
    expect(dropped(page)).toEqual(['consent']);
  });

  it('leaves not one key of what was there', async () => {
    const { site, page } = open();
    site.storage.items['sendx:stub:x'] = '{"v":1,"calls":[]}';
    site.storage.items.theirs = '1';
    site.answer = () => new Response('', { status: 503 });
    call(page);
    for (let n = 0; n < 110; n++) page.sendx('track', { addTags: [`${n}`] });
    await idle();
    expect(site.storage.keys().length).toBeGreaterThan(100);
    page.sendx('consent', 'denied');
    expect(site.storage.keys()).toEqual(['theirs']);
    await site.clock.pass(60_000);
    page.leave();
    expect(site.storage.keys()).toEqual(['theirs']);
  });

  it('is obeyed by every tab, whatever it was about to do', async () => {
    const { site, page } = open();
    site.answer = () => new Response('', { status: 503 });
    call(page);
    await site.clock.pass(0);
    const requests = site.requests.length;
    site.open().sendx('consent', 'denied');
    await site.clock.pass(60_000);
    page.sendx('track', { addTags: ['c'] });
    page.hide();
    page.show();
    expect(site.requests).toHaveLength(requests);
    expect(site.storage.keys()).toEqual([]);
    expect(dropped(page)).toContain('consent');
  });

  it.each<readonly [string, () => Response]>([
    ['answered that the page is misconfigured', () => new Response('', { status: 403 })],
    ['never answered', () => new Promise<never>(() => {}) as never],
    ['was away', () => new Response('', { status: 503 })],
  ])(
    'in another tab erases what this one remembers, though the proxy %s',
    async (_what, answer) => {
      const { site, page } = open();
      site.answer = answer;
      call(page);
      await site.clock.pass(0);
      site.open().sendx('consent', 'denied');
      page.sendx('flush');
      expect(dropped(page)).toEqual(['consent', 'consent', 'consent']);
      site.answer = (request) => receipt(request);
      page.sendx('consent', 'granted');
      await site.clock.pass(60_000);
      expect(site.requests).toHaveLength(1);
      expect(site.storage.keys()).toEqual([]);
    },
  );

  it('is obeyed by later pages', async () => {
    const { site, page } = open();
    page.sendx('consent', 'denied');
    page.leave();
    const next = site.open();
    call(next);
    await site.clock.pass(3_000);
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
  });

  it('forgets the visitor: granted later, tracks are held again', async () => {
    const { site, page } = open();
    page.sendx('identify', { email: EMAIL });
    await idle();
    page.sendx('consent', 'denied');
    page.sendx('consent', 'granted');
    page.sendx('track', { addTags: ['c'] });
    await site.clock.pass(3_000);
    expect(sent(site)).toEqual(['identify']);
    expect(page.told('held')).toHaveLength(1);
  });

  it('then granted works from then on', async () => {
    const { site, page } = open(DENIED);
    call(page);
    page.sendx('consent', 'granted');
    page.sendx('identify', { email: EMAIL, firstName: 'Jane' });
    await site.clock.pass(3_000);
    expect(sent(site)).toEqual(['identify']);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('does not send again what was in flight', async () => {
    const { site, page } = open();
    let finish = () => {};
    site.answer = (request) =>
      new Promise((resolve) => {
        finish = () => resolve(receipt(request));
      });
    call(page);
    await idle();
    page.sendx('consent', 'denied');
    finish();
    await site.clock.pass(60_000);
    expect(site.requests).toHaveLength(1);
    expect(site.storage.keys()).toEqual([]);
  });

  it('is a word in a cookie, and holds for the page where cookies throw', async () => {
    const { site, page } = open();
    site.jar.refused = true;
    page.sendx('consent', 'denied');
    call(page);
    await site.clock.pass(3_000);
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
  });
});

describe('granted', () => {
  it('is what holds where nobody says anything, and sets no cookie', async () => {
    const { site, page } = open();
    call(page);
    await idle();
    expect(sent(site)).toEqual(['identify', 'a', 'b']);
    expect(site.jar.written).toEqual([]);
  });

  it('once is granted on later pages, though these start as pending', async () => {
    const { site, page } = open(PENDING);
    page.sendx('consent', 'granted');
    page.leave();
    call(site.open(PENDING));
    await idle();
    expect(sent(site)).toEqual(['identify', 'a', 'b']);
  });

  it('may come through config, before the first call', async () => {
    const { site, page } = open();
    page.sendx('config', { consent: 'pending' });
    call(page);
    await site.clock.pass(3_000);
    expect(site.requests).toEqual([]);
    page.sendx('config', { consent: 'granted' });
    await site.clock.pass(3_000);
    expect(sent(site)).toEqual(['identify', 'a', 'b']);
  });
});

describe('a choice that is none', () => {
  it.each([undefined, '', 'yes', 'GRANTED', true, null, {}, 'denied; domain=x'])(
    'changes nothing and is reported: %j',
    async (word) => {
      const { site, page } = open();
      page.sendx('consent', word);
      expect(dropped(page)).toEqual(['invalid']);
      expect(site.jar.written).toEqual([]);
      call(page);
      await idle();
      expect(sent(site)).toEqual(['identify', 'a', 'b']);
    },
  );
});

describe('Global Privacy Control', () => {
  it.each([
    ['respect', true, 0],
    ['respect', false, 3],
    ['respect', undefined, 3],
    [undefined, true, 3],
  ])('with data-gpc=%s and the signal %s lets %i messages go', async (gpc, signal, count) => {
    const { site, page } = open({
      data: gpc ? { gpc } : {},
      ...(signal === undefined ? {} : { gpc: signal }),
    });
    call(page);
    await idle();
    expect(sent(site)).toHaveLength(count);
    if (!count) expect(site.storage.keys()).toEqual([]);
  });

  it('counts as denied until the visitor grants, and on later pages no more', async () => {
    const setup = { data: { gpc: 'respect' }, gpc: true };
    const { site, page } = open(setup);
    call(page);
    page.sendx('consent', 'granted');
    call(page);
    await idle();
    page.leave();
    site.open(setup).sendx('track', { addTags: ['c'] });
    await site.clock.pass(2_000);
    expect(sent(site)).toEqual(['identify', 'a', 'b', 'c']);
  });
});

import { describe, expect, it } from 'vitest';
import type { SendxEvent } from '../../src/snippet/events.ts';
import { install } from '../../src/snippet/tracker.ts';
import { pasteStub } from './pasteStub.ts';
import { createSite, idle, type Page, type Setup, type Site, START, silence } from './site.ts';

const EMAIL = 'jane@example.com';

const sent = ({ requests }: Site) =>
  requests.flatMap(({ messages }) =>
    messages.map((message) => (message.type === 'track' ? message.addTags?.[0] : message.type)),
  );
const load = (site: Site, page: Page) =>
  site.clock.as(page, () => install(page.window, undefined, site.clock.now));
const stubKeys = (site: Site) => site.storage.keys().filter((key) => key.includes('stub:'));

/** A page with the stub in which the script has not come yet. */
const openEarly = (setup: Setup = {}, site = createSite()) => {
  const page = site.open({ before: pasteStub, script: false, ...setup });
  return { site, page };
};

/** `window.sendx` as the shortest install has it. */
const oneLine = (window: { sendx?: unknown }) => {
  const sendx = (...call: unknown[]) => {
    sendx.q = sendx.q || [];
    sendx.q.push(call);
  };
  sendx.q = undefined as unknown as { push(call: unknown): void };
  window.sendx = sendx;
};

describe.each([
  ['the stub', pasteStub],
  ['a one-line buffer', oneLine],
])('calls before the script came, in %s', (_name, before) => {
  const open = () => {
    const site = createSite();
    return { site, page: site.open({ before, script: false }) };
  };

  it('are replayed in order, and later ones follow', async () => {
    const { site, page } = open();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL });
    page.sendx('track', { addTags: ['b'] });
    load(site, page);
    page.sendx('track', { addTags: ['c'] });
    await site.clock.pass(2_000);
    expect(sent(site)).toEqual(['identify', 'a', 'b', 'c']);
  });

  it('may be nonsense: what follows is heard', async () => {
    const { site, page } = open();
    for (const name of ['', '""', '"\\"\\""', 'null', '{']) page.sendx(name);
    page.sendx('identify', { email: EMAIL });
    load(site, page);
    await site.clock.pass(2_000);
    expect(sent(site)).toEqual(['identify']);
  });

  it('go through the same function, which early references keep', async () => {
    const { site, page } = open();
    const { sendx } = page.window;
    sendx('identify', { email: EMAIL });
    load(site, page);
    expect(page.window.sendx).toBe(sendx);
    sendx('track', { addTags: ['a'] });
    await site.clock.pass(2_000);
    expect(sent(site)).toEqual(['identify', 'a']);
  });

  it('keep their callbacks and listeners', async () => {
    const { site, page } = open();
    const heard: string[] = [];
    const hear = (name: string) => (event: SendxEvent) => heard.push(`${name} ${event.event}`);
    page.sendx('on', 'stored', hear('listener'));
    page.sendx('identify', { email: EMAIL, success: hear('success') });
    page.sendx('identify', { email: 'nobody', failure: hear('failure') });
    load(site, page);
    await idle();
    expect(heard).toEqual(['listener stored', 'failure dropped', 'success accepted']);
  });

  it('obey what was configured and chosen among them', async () => {
    const { site, page } = open();
    page.sendx('consent', 'pending');
    page.sendx('identify', { email: EMAIL });
    load(site, page);
    await site.clock.pass(3_000);
    expect(site.requests).toEqual([]);
    page.sendx('consent', 'granted');
    await idle();
    expect(sent(site)).toEqual(['identify']);
  });

  it('may be nonsense', async () => {
    const { site, page } = open();
    for (const call of [[], [null], ['1'], [1], ['null'], ['[]'], [[]], [{}], ['{"a":1}']])
      page.sendx(...call);
    page.sendx('identify', { email: EMAIL });
    expect(() => load(site, page)).not.toThrow();
    for (const call of [[], [null], ['1'], [1], ['null'], ['[]'], [[]], [{}], ['{"a":1}']])
      expect(() => page.sendx(...call)).not.toThrow();
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(2_000);
    expect(sent(site)).toEqual(['identify', 'a']);
  });
});

describe('the stub', () => {
  it('stamps and copies each call when it is made', async () => {
    const { site, page } = openEarly();
    const payload = { email: EMAIL, tags: ['a'] };
    page.sendx('identify', payload);
    payload.tags.push('b');
    await site.clock.pass(5_000);
    load(site, page);
    await idle();
    const [message] = site.requests[0]?.messages ?? [];
    expect(message).toMatchObject({ at: START, traits: { tags: ['a'] } });
    expect(message?.id).toMatch(/^[0-9a-z]+-[0-9a-z]*-0$/);
  });

  it('saves calls where the visitor granted, and whatever other cookies say', () => {
    const { site, page } = openEarly();
    site.jar.cookie = 'sendx_consent=granted';
    site.jar.cookie = 'cookie-consent=yes';
    page.sendx('identify', { email: EMAIL, tags: ['consent-given', 'my-gpc'] });
    page.leave();
    expect(stubKeys(site)).toHaveLength(1);
    expect(site.requests).toHaveLength(1);
  });

  it('changes nothing when it is pasted twice, or after the script', async () => {
    const { site, page } = openEarly();
    const { sendx } = page.window;
    pasteStub(page.window);
    expect(page.window.sendx).toBe(sendx);
    load(site, page);
    pasteStub(page.window);
    expect(page.window.sendx).toBe(sendx);
    page.sendx('identify', { email: EMAIL });
    await idle();
    expect(sent(site)).toEqual(['identify']);
  });

  it('beacons and stores what is waiting when the page leaves before the script came', () => {
    const { site, page } = openEarly();
    page.sendx('identify', { email: EMAIL, tags: ['a'], success: () => {} });
    page.sendx('track', { addTags: ['b'] });
    page.leave();
    expect(site.requests.map(({ via, url }) => [via, url])).toEqual([
      ['beacon', 'https://t.example.com/v1/messages'],
    ]);
    expect(JSON.parse(site.requests[0]?.body ?? '')).toEqual({
      v: 1,
      calls: [
        [
          expect.stringMatching(/^[0-9a-z]+-[0-9a-z]*-0$/),
          expect.any(Number),
          { 0: 'identify', 1: { email: EMAIL, tags: ['a'] } },
        ],
        [
          expect.stringMatching(/^[0-9a-z]+-[0-9a-z]*-1$/),
          expect.any(Number),
          { 0: 'track', 1: { addTags: ['b'] } },
        ],
      ],
    });
    expect(stubKeys(site)).toHaveLength(1);
  });

  it('is followed by a page that sends what it stored first, under the same ids', async () => {
    const { site, page } = openEarly();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL });
    page.leave();
    const [beacon] = site.requests;
    const ids = JSON.parse(beacon?.body ?? '').calls.map(([id]: [string]) => id);
    const next = site.open();
    next.sendx('track', { addTags: ['b'] });
    await site.clock.pass(2_000);
    expect(sent(site)).toEqual(['identify', 'a', 'b']);
    const sentIds = site.requests.flatMap(({ messages }) => messages.map(({ id }) => id));
    expect(sentIds.slice(0, 2)).toEqual([ids[1], ids[0]]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('is silent where the script came', async () => {
    const { site, page } = openEarly();
    page.sendx('identify', { email: EMAIL });
    load(site, page);
    await idle();
    page.leave();
    expect(site.requests.map(({ via }) => via)).toEqual(['fetch']);
    expect(stubKeys(site)).toEqual([]);
  });

  it('stores and sends nothing where nothing was called', () => {
    const { site, page } = openEarly();
    page.leave();
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
  });

  it('fills no storage where the script never comes: a blocker, a wrong address', () => {
    const site = createSite();
    for (let n = 0; n < 1400; n++) {
      const { page } = openEarly({}, site);
      page.sendx('identify', { email: EMAIL });
      page.leave();
    }
    expect(stubKeys(site).length).toBeLessThanOrEqual(36 ** 2);
  });

  it.each<readonly [string, Setup, (page: Page, site: Site) => void]>([
    [
      'the visitor has denied',
      {},
      (_, { jar }) => {
        jar.cookie = 'sendx_consent=denied';
      },
    ],
    ['consent is asked for', { data: { consent: 'pending' } }, () => {}],
    ['consent is among the calls', {}, (page) => page.sendx('consent', 'denied')],
    ['consent is configured', {}, (page) => page.sendx('config', { consent: 'pending' })],
    ['Global Privacy Control is respected', { data: { gpc: 'respect' } }, () => {}],
    [
      'Global Privacy Control is configured to be respected',
      {},
      (page) => page.sendx('config', { gpc: 'respect' }),
    ],
    ['a banner holds the script back', { type: 'text/plain' }, () => {}],
    ['there is no tag that would tell', { script: 'missing' }, () => {}],
  ])('keeps and sends nothing where %s', (_when, setup, prepare) => {
    const { site, page } = openEarly(setup);
    prepare(page, site);
    page.sendx('identify', { email: EMAIL });
    page.leave();
    expect(site.requests).toEqual([]);
    expect(site.storage.keys()).toEqual([]);
  });

  it.each(['denied', 'null', 'full'] as const)('beacons where storage is %s', (health) => {
    const { site, page } = openEarly();
    site.storage.health = health;
    page.sendx('identify', { email: EMAIL });
    expect(() => page.leave()).not.toThrow();
    expect(site.requests).toHaveLength(1);
  });

  it('throws nothing into the page, whatever it is called with', async () => {
    const { site, page } = openEarly();
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const trap = () => {
      throw new Error('trap');
    };
    const reasons: unknown[] = [];
    page.sendx('on', 'dropped', ({ reason }: SendxEvent) => reasons.push(reason));
    for (const customFields of [cyclic, { n: 1n }, { toJSON: trap }])
      expect(() => page.sendx('identify', { email: EMAIL, customFields })).not.toThrow();
    page.sendx('identify', { email: EMAIL });
    load(site, page);
    await idle();
    expect(reasons).toEqual(['invalid', 'invalid', 'invalid']);
    expect(sent(site)).toEqual(['identify']);
  });

  it('and the script understand each other where Prototype.js has patched JSON', async () => {
    const prototype = Array.prototype as { toJSON?: unknown };
    const { site, page } = openEarly();
    site.answer = silence;
    try {
      prototype.toJSON = function (this: unknown[]) {
        return `[${this.map((one) => JSON.stringify(one)).join(', ')}]`;
      };
      page.sendx('identify', { email: EMAIL, tags: ['a', 'b'] });
      load(site, page);
      page.sendx('track', { addTags: ['c'] });
      await idle();
    } finally {
      delete prototype.toJSON;
    }
    const messages = site.requests.flatMap((request) => request.messages);
    // The proxy reads the text of an array as an array.
    expect(messages).toMatchObject([{ traits: { tags: '["a", "b"]' } }, { addTags: '["c"]' }]);
  });
});

describe('what a stub of an earlier page stored', () => {
  it('comes in the order of the pages, whatever their keys', async () => {
    const site = createSite();
    const leave = (key: string, at: number, tag: string) => {
      const calls = [
        [`${at.toString(36)}-x-0`, at, { 0: 'track', 1: { email: EMAIL, addTags: [tag] } }],
      ];
      site.storage.items[`sendx:stub:${key}`] = JSON.stringify({ v: 1, calls });
    };
    leave('bb', START - 9_000, 'first');
    leave('aa', START - 5_000, 'second');
    leave('cc', START - 1_000, 'third');
    site.open().sendx('track', { email: EMAIL, addTags: ['now'] });
    await site.clock.pass(3_000);
    expect(sent(site)).toEqual(['first', 'second', 'third', 'now']);
  });

  it.each([
    '',
    '{',
    'null',
    '7',
    '[]',
    '{}',
    '{"calls":7}',
    '{"calls":[null,7,"x",[],[1],["id"],["id",1,null],["id",1,{"0":"nonsense"}]]}',
    '{"calls":["","\\"\\"","\\"\\\\\\"\\\\\\"\\""]}',
  ])('may be damaged: %s', async (text) => {
    const site = createSite();
    site.storage.items['sendx:stub:a'] = text;
    site.storage.items['sendx:stub:b'] = JSON.stringify({
      v: 1,
      calls: [['mhx3k2a1-b-0', START - 5_000, { 0: 'identify', 1: { email: EMAIL } }]],
    });
    const page = site.open();
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(3_000);
    expect(sent(site)).toEqual(['identify', 'a']);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

describe('a page into which the script is pasted twice', () => {
  it('has one tracker', async () => {
    const site = createSite();
    const page = site.open();
    const { sendx } = page.window;
    load(site, page);
    expect(page.window.sendx).toBe(sendx);
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(3_000);
    page.sendx('track', { addTags: ['a'] });
    page.leave();
    expect(sent(site)).toEqual(['identify', 'a']);
  });

  it('has one tracker with the stub too', async () => {
    const { site, page } = openEarly();
    page.sendx('identify', { email: EMAIL });
    load(site, page);
    load(site, page);
    page.sendx('track', { addTags: ['a'] });
    await site.clock.pass(3_000);
    expect(sent(site)).toEqual(['identify', 'a']);
  });

  it.each([
    ['an element named sendx', {}],
    ['a text', 'sendx'],
    ['null', null],
  ])('or that holds %s under our name is served', async (_what, sendx) => {
    const site = createSite();
    const page = site.open({ globals: { sendx } });
    page.sendx('identify', { email: EMAIL });
    await idle();
    expect(sent(site)).toEqual(['identify']);
  });
});

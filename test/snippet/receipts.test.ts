import { describe, expect, it } from 'vitest';
import type { SendxEvent } from '../../src/snippet/events.ts';
import { answer, createSite, idle, receipt } from './site.ts';

const EMAIL = 'jane@example.com';

/** A payload whose receipts are noted. */
const noting = (payload: object = {}) => {
  const noted: string[] = [];
  const note = (name: string) => (event: SendxEvent) =>
    noted.push([name, event.event, event.reason].filter(Boolean).join(' '));
  return { noted, payload: { ...payload, success: note('success'), failure: note('failure') } };
};

describe('success and failure', () => {
  it('are called for their own message alone, once, and never sent', async () => {
    const site = createSite();
    const page = site.open();
    const [jane, tags] = [noting({ email: EMAIL }), noting({ addTags: ['a'] })];
    page.sendx('identify', jane.payload);
    page.sendx('track', tags.payload);
    site.answer = (request) =>
      receipt(request, ({ type }) =>
        type === 'track'
          ? { status: 'refused', code: 'tag_not_allowed', message: 'no' }
          : { status: 'accepted' },
      );
    await site.clock.pass(10_000);
    expect(jane.noted).toEqual(['success accepted']);
    expect(tags.noted).toEqual(['failure refused tag_not_allowed']);
    expect(site.requests[0]?.body).not.toMatch(/success|failure/);
  });

  it('count a duplicate as a success', async () => {
    const site = createSite();
    const { noted, payload } = noting({ email: EMAIL });
    site.answer = (request) => receipt(request, () => ({ status: 'duplicate' }));
    site.open().sendx('identify', payload);
    await idle();
    expect(noted).toEqual(['success accepted duplicate']);
  });

  it('wait until the fate is known: a failing network is none', async () => {
    const site = createSite();
    const { noted, payload } = noting({ email: EMAIL });
    site.answer = () => answer(503);
    site.open().sendx('identify', payload);
    await site.clock.pass(60_000);
    expect(noted).toEqual([]);
    site.answer = (request) => receipt(request);
    await site.clock.pass(60_000);
    expect(noted).toEqual(['success accepted']);
  });

  it.each([
    ['an e-mail that is none', { email: 'nobody' }, 'invalid'],
    ['a message over 8 KiB', { email: EMAIL, company: 'x'.repeat(9_000) }, 'too_large'],
    ['what JSON cannot say', { email: EMAIL, customFields: { n: 1n } }, 'invalid'],
  ])('tell at once of %s', (_what, wrong, reason) => {
    const { noted, payload } = noting(wrong);
    createSite().open().sendx('identify', payload);
    expect(noted).toEqual([`failure dropped ${reason}`]);
  });

  it('tell of a message that is pushed out', () => {
    const page = createSite().open();
    const { noted, payload } = noting({ addTags: ['a'] });
    page.sendx('track', payload);
    for (let n = 0; n < 110; n++) page.sendx('track', { addTags: ['b'] });
    expect(noted).toEqual(['failure dropped evicted']);
  });

  it('may throw, or be no functions: nobody else suffers', async () => {
    const site = createSite();
    const page = site.open();
    const bug = () => {
      throw new Error('the page has a bug');
    };
    const { noted, payload } = noting({ addTags: ['a'] });
    page.sendx('on', '*', bug);
    page.sendx('identify', { email: EMAIL, success: bug, failure: 'text' });
    page.sendx('track', { addTags: ['b'], success: 7 });
    page.sendx('track', payload);
    await idle();
    expect(noted).toEqual(['success accepted']);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });

  it('may call again', async () => {
    const site = createSite();
    const page = site.open();
    const success = () => {
      page.sendx('track', { addTags: ['a'] });
      page.sendx('flush');
    };
    page.sendx('identify', { email: EMAIL, success });
    await site.clock.pass(5_000);
    expect(site.requests.map(({ messages }) => messages.at(-1)?.type)).toEqual([
      'identify',
      'track',
    ]);
    expect(site.storage.keys()).toEqual(['sendx:identity']);
  });
});

describe('events', () => {
  it('tell the story of a call, and start after the call to listen', async () => {
    const site = createSite();
    const page = site.open();
    page.sendx('track', { addTags: ['a'] });
    page.sendx('identify', { email: EMAIL });
    await idle();
    const story = (id: string | undefined) =>
      page.events
        .filter((event) => event.id === id && event.event !== ('called' as string))
        .map(({ event }) => event);
    expect(story(page.told('held')[0]?.[0])).toEqual(['held', 'sent', 'accepted']);
    expect(story(page.told('stored')[0]?.[0])).toEqual(['stored', 'sent', 'accepted']);
  });

  it('say where a call was wrong', () => {
    const page = createSite().open();
    page.sendx('identify', { email: 'nobody' });
    page.sendx('subscribe', {});
    page.sendx();
    const details = page.events.flatMap(({ event, detail }) => (event === 'dropped' ? detail : []));
    expect(details).toEqual([
      { path: 'email', received: 'nobody' },
      { path: 'command', received: 'subscribe' },
      { path: 'command', received: undefined },
    ]);
  });

  it('are heard by name', async () => {
    const site = createSite();
    const page = site.open();
    const heard: string[] = [];
    for (const name of ['accepted', 'refused', 'dropped', 'error'])
      page.sendx('on', name, ({ event, reason }: SendxEvent) => heard.push(`${event} ${reason}`));
    page.sendx('identify', { email: EMAIL });
    page.sendx('identify', { email: 'nobody' });
    await idle();
    site.answer = () => answer(503);
    page.sendx('identify', {});
    await site.clock.pass(0);
    expect(heard).toEqual(['dropped invalid', 'accepted undefined', 'error unavailable']);
  });
});

describe('whatever a page calls', () => {
  const cyclic: Record<string, unknown> = { email: EMAIL };
  cyclic.customFields = cyclic;
  const trap = {
    get email(): string {
      throw new Error('trap');
    },
  };

  it.each([
    [[]],
    [[undefined]],
    [[null, null]],
    [[Symbol('x')]],
    [[{}]],
    [['identify', cyclic]],
    [['identify', trap]],
    [['identify', { email: Symbol('x') }]],
    [
      [
        'identify',
        {
          email: {
            toString: () => {
              throw new Error('trap');
            },
          },
        },
      ],
    ],
    [['track', 7]],
    [['on']],
    [['on', 'accepted']],
    [['on', Symbol('x'), 7]],
    [['config']],
    [['config', 7]],
    [['consent']],
    [['form']],
    [['form', {}]],
    [['form', null]],
    [['constructor']],
    [['__proto__', {}]],
    [['toString']],
  ])('it is not thrown at, and served on: %#', async (call) => {
    const site = createSite();
    const page = site.open();
    expect(() => page.sendx(...call)).not.toThrow();
    page.sendx('identify', { email: EMAIL });
    await site.clock.pass(3_000);
    expect(page.told('accepted').length).toBeGreaterThan(0);
  });

  it('has no answer', () => {
    const page = createSite().open();
    expect(page.sendx('identify', { email: EMAIL })).toBeUndefined();
    expect(page.sendx('nonsense')).toBeUndefined();
  });
});

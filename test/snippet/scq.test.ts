import { describe, expect, it } from 'vitest';
import { adoptScq } from '../../src/snippet/scq.ts';
import { createSite, idle } from './site.ts';

const adopt = (queue?: unknown) => {
  const page: { _scq?: unknown } = queue === undefined ? {} : { _scq: queue };
  const handled: unknown[][] = [];
  const adoption = () => adoptScq(page, (call) => handled.push(call));
  return { page, handled, adoption, queue: () => page._scq as unknown[] };
};

const IDENTIFY = ['identify', { email: 'jane@example.com' }];
const TRACK = ['track', { addTags: ['a'] }];

describe('adoptScq', () => {
  it('makes the queue where there is none', () => {
    const { adoption, handled, queue } = adopt();
    adoption();
    expect(queue().push(TRACK)).toBe(1);
    expect(handled).toEqual([TRACK]);
  });

  it('replays what was pushed, in order, and stays the same array', () => {
    const array = [TRACK, IDENTIFY, TRACK];
    const { adoption, handled, queue } = adopt(array);
    adoption();
    expect(handled).toEqual([TRACK, IDENTIFY, TRACK]);
    expect(queue()).toBe(array);
    expect(array).toHaveLength(3);
  });

  it('replays what is pushed meanwhile as well', () => {
    const array: unknown[][] = [TRACK];
    const page = { _scq: array };
    const handled: unknown[][] = [];
    adoptScq(page, (call) => {
      if (handled.push(call) === 1) array.push(IDENTIFY);
    });
    expect(handled).toEqual([TRACK, IDENTIFY]);
  });

  it('takes push over: variadic, and it returns the length as an array does', () => {
    const { adoption, handled, queue } = adopt([IDENTIFY]);
    adoption();
    handled.length = 0;
    expect(queue().push(TRACK, IDENTIFY)).toBe(3);
    expect(queue().push()).toBe(3);
    expect(queue().push('anything else')).toBe(4);
    expect(queue().push(undefined, null)).toBe(6);
    expect(handled).toEqual([TRACK, IDENTIFY]);
  });

  it.each([
    ['Sift', [['_setAccount', 'x']]],
    ['Sift, started', [['_setAccount', 'x'], IDENTIFY]],
    ['a queue of functions', [() => {}]],
    ['a queue of objects', [{ event: 'identify' }]],
    ['a queue with a hole in it', [null]],
    ['an object', { push: () => 0 }],
    ['a function', () => {}],
    ['a number', 7],
  ])('leaves %s alone', (_vendor, theirs) => {
    const push = (theirs as { push?: unknown }).push;
    const { adoption, handled, page } = adopt(theirs);
    try {
      adoption();
    } catch {
      // Documented: its caller shields the page.
    }
    expect(handled).toEqual([]);
    expect(page._scq).toBe(theirs);
    expect((theirs as { push?: unknown }).push).toBe(push);
  });
});

describe('a page that speaks SendX’s own convention', () => {
  it('is served as if it had called sendx, callbacks included', async () => {
    const site = createSite();
    const heard: string[] = [];
    const success = ({ event }: { event: string }) => heard.push(`success ${event}`);
    const failure = ({ reason }: { reason: string }) => heard.push(`failure ${reason}`);
    const page = site.open({
      globals: { _scq: [['identify', { email: 'jane@example.com', success, failure }]] },
    });
    page.window._scq.push(['track', { email: 'nobody', failure }], ['track', { addTags: ['a'] }]);
    await idle();
    expect(site.requests.map(({ messages }) => messages.map(({ type }) => type))).toEqual([
      ['identify', 'track'],
    ]);
    expect(heard).toEqual(['failure invalid', 'success accepted']);
  });

  it.each([7, 'text', { push: 7 }, [null], [['_setAccount', 'x']]])(
    'is not needed: _scq may be %j',
    async (theirs) => {
      const site = createSite();
      const page = site.open({ globals: { _scq: theirs } });
      page.sendx('identify', { email: 'jane@example.com' });
      await idle();
      expect(site.requests).toHaveLength(1);
      expect(page.window._scq).toBe(theirs);
    },
  );
});

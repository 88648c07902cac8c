import { describe, expect, it } from 'vitest';
import { readCalls } from '../../../src/snippet/debug/calls.ts';
import type { SendxEvent } from '../../../src/snippet/events.ts';

const called = (id: string, ...call: unknown[]): SendxEvent => ({
  event: 'called',
  id,
  detail: call,
});
const steps = (events: readonly SendxEvent[]) =>
  readCalls(events).rows.map(({ id, step, reason }) => [id, step, reason]);

describe('readCalls', () => {
  it('tells the last step of each call, in their order', () => {
    expect(
      steps([
        called('a', 'track', { addTags: 'x' }),
        { event: 'held', id: 'a' },
        called('b', 'identify', {}),
        { event: 'stored', id: 'b' },
        { event: 'sent', id: 'b' },
        { event: 'sent', id: 'a' },
        { event: 'accepted', id: 'a', reason: 'duplicate' },
        { event: 'refused', id: 'b', reason: 'tag_not_allowed', detail: 'why' },
        called('c', 'flush'),
      ]),
    ).toEqual([
      ['a', 'duplicate', 'duplicate'],
      ['b', 'refused', 'tag_not_allowed'],
      ['c', 'done', undefined],
    ]);
  });

  it('takes what was sent back to the store where an attempt failed', () => {
    const events: SendxEvent[] = [
      called('a', 'identify', {}),
      { event: 'sent', id: 'a' },
      { event: 'error', reason: 'network', detail: 0 },
    ];
    expect(steps(events)).toEqual([['a', 'stored', 'network']]);
    expect(readCalls(events).trouble).toEqual({ reason: 'network', status: 0 });
    const later: SendxEvent[] = [
      ...events,
      { event: 'sent', id: 'a' },
      { event: 'accepted', id: 'a' },
    ];
    expect(readCalls(later).trouble).toBeUndefined();
    expect(steps(later)).toEqual([['a', 'accepted', undefined]]);
  });

  it('knows a message of an earlier page by its id alone', () => {
    expect(readCalls([{ event: 'sent', id: 'old' }]).rows).toEqual([
      {
        id: 'old',
        name: undefined,
        payload: undefined,
        step: 'sent',
        reason: undefined,
        detail: undefined,
      },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { createRecent } from '../../../src/proxy/outbox/direct/recent.ts';

describe('createRecent', () => {
  it('lets the oldest id go for a new one', () => {
    const recent = createRecent(2);
    for (const id of ['a', 'b', 'c']) recent.add(id, 'lane', 'stored');
    expect(['a', 'b', 'c'].map(recent.get)).toEqual([undefined, 'stored', 'stored']);
  });
});

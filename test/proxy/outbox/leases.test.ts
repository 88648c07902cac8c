import { describe, expect, it } from 'vitest';
import { createLeases } from '../../../src/proxy/outbox/direct/leases.ts';

describe('createLeases', () => {
  it('takes all names or none, until they are given back', () => {
    const leases = createLeases(100);
    const release = leases.take(new Set(['a', 'b']), 0);
    expect(leases.take(new Set(['b', 'c']), 99)).toBeUndefined();
    release?.();
    expect(leases.take(new Set(['b', 'c']), 99)).toBeDefined();
  });

  it('ends by itself, and then its late return harms no other', () => {
    const leases = createLeases(100);
    const late = leases.take(new Set(['a']), 0);
    expect(leases.take(new Set(['a']), 100)).toBeDefined();
    late?.();
    expect(leases.take(new Set(['a']), 199)).toBeUndefined();
  });
});

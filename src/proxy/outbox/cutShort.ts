import type { Verdict } from './outbox.ts';

/** Of an increment that was in flight when its proxy ended, was cut off or broke down. */
export const CUT_SHORT: Verdict & { readonly kind: 'dead' } = {
  kind: 'dead',
  reason: 'ambiguous',
  detail: 'its delivery was cut short',
};

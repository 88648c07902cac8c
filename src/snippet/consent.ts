import { attempt } from './attempt.ts';

/** `pending`: keep in memory, send nothing. `denied`: keep nothing. */
export type ConsentState = 'granted' | 'denied' | 'pending';

/** May anything be kept or sent? */
export interface Consent {
  /** Read anew each time, since another tab may have decided meanwhile. */
  state(): ConsentState;
  choose(state: ConsentState): void;
}

/** 400 days in seconds: what browsers allow a cookie at most; Safari keeps a script's for 7. */
const MAX_AGE_S = 34_560_000;

/**
 * Remembers the choice in a first-party cookie that holds nothing but the word: a visitor who
 * denied is to find not one key of ours in the site's storage.
 *
 * @param document - Its cookie throws in a sandboxed frame; then the choice holds for the page.
 * @param initial - What holds until the visitor chooses.
 */
export function createConsent(document: { cookie: string }, initial: () => ConsentState): Consent {
  let chosen: ConsentState | undefined;
  return {
    state: () =>
      attempt(() => /sendx_consent=(\w+)/.exec(document.cookie)?.[1] as ConsentState) ||
      chosen ||
      initial(),
    choose(state) {
      chosen = state;
      const age = state === 'pending' ? 0 : MAX_AGE_S;
      attempt(() => {
        document.cookie = `sendx_consent=${state};path=/;samesite=lax;max-age=${age}`;
      });
    },
  };
}

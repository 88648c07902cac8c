import { decode, encode } from './json.ts';
import type { Storage } from './storage.ts';

/** Who the visitor is known to be. */
export interface Visitor {
  readonly email?: string | undefined;
  /** Proof of this e-mail, made by the site's server. */
  readonly signature?: string | undefined;
}

/** The identified e-mail, kept from page to page. */
export interface Identity {
  /** Without an e-mail while nobody is known. */
  get(): Visitor;
  /** An empty one is forgotten. */
  set(visitor: Visitor): void;
}

const KEY = 'identity';

/**
 * Reads anew each time, since another tab may have identified somebody meanwhile, or nobody: what is
 * forgotten is written as nobody, or another tab would tell it still from its memory.
 */
export const createIdentity = (storage: Storage): Identity => ({
  get: () => (decode(storage.get(KEY)) || {}) as Visitor,
  set: (visitor) => storage.set(KEY, encode(visitor)),
});

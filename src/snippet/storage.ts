import { attempt } from './attempt.ts';

/** Every key of ours starts so; nothing else in the page's storage is read or written. */
export const PREFIX = 'sendx:';

/**
 * The site's storage, and this page's memory for what it does not take. Messages and the visitor are
 * remembered in any case: a page that clears its storage loses neither. Counts and times belong to
 * all tabs: what another took away does not come back. Nothing throws. Keys are given without
 * {@link PREFIX}.
 */
export interface Storage {
  /** Other pages' writes win over this page's memory. */
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** Sorted. */
  keys(): string[];
  /** Whether this page set it; of messages. */
  own(key: string): boolean;
  /** Stores, or takes out, what this page remembers, unless another page has written since. */
  keep(): void;
}

/**
 * @param open - Called anew at each use: reading `window.localStorage` itself throws a
 *   SecurityError where the visitor blocks site data, and is `null` in some web views.
 * @param allowed - Whether anything may be stored at present.
 */
export function createStorage(open: () => globalThis.Storage, allowed: () => boolean): Storage {
  const memory = { __proto__: null } as unknown as Record<string, string>;
  const store = (key: string) =>
    attempt(() => {
      // Where writing fails, an older value would win over this page's memory.
      open().removeItem(PREFIX + key);
      if (!allowed()) return;
      open().setItem(PREFIX + key, memory[key] as string);
      // Only a message's key, `time36-tab-sequence`, holds a dash.
      if (!/-|identity/.test(key)) delete memory[key];
    });
  const get = (key: string) => attempt(() => open().getItem(PREFIX + key)) || memory[key];
  return {
    get,
    set(key, value) {
      memory[key] = value;
      store(key);
    },
    remove(key) {
      delete memory[key];
      attempt(() => open().removeItem(PREFIX + key));
    },
    keys() {
      const stored = attempt(() => Object.keys(open())) || [];
      const ours = stored
        .filter((key) => !key.indexOf(PREFIX))
        .map((key) => key.slice(PREFIX.length));
      return [...new Set([...ours, ...Object.keys(memory)])].sort();
    },
    own: (key) => key in memory,
    keep() {
      for (const key in memory) if (get(key) === memory[key]) store(key);
    },
  };
}

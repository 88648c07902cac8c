/** How a site's storage behaves. */
export type Health =
  | 'well'
  /** Touching `window.localStorage` throws, as where the visitor blocks site data. */
  | 'denied'
  /** `window.localStorage` is `null`, as in some web views. */
  | 'null'
  /** Reading works, writing throws, as beyond the quota or in Safari's old private mode. */
  | 'full';

/** What all tabs of a site share. */
export interface SiteStorage {
  health: Health;
  /** How often a page has asked for it. */
  touched: number;
  /** What `window.localStorage` gives. */
  open(): Storage;
  /** All keys, sorted. */
  keys(): string[];
  /** Reads or writes past the pages. */
  readonly items: Record<string, string>;
}

/** A `localStorage` whose items are its own properties, as in browsers. */
export function createSiteStorage(): SiteStorage {
  const site: SiteStorage = {
    health: 'well',
    touched: 0,
    items: Object.create({
      getItem: (key: string) => site.items[key] ?? null,
      setItem(key: string, value: string) {
        if (site.health === 'full') throw new DOMException('full', 'QuotaExceededError');
        site.items[key] = `${value}`;
      },
      removeItem: (key: string) => {
        delete site.items[key];
      },
    }),
    open() {
      site.touched += 1;
      if (site.health === 'denied') throw new DOMException('denied', 'SecurityError');
      return (site.health === 'null' ? null : site.items) as unknown as Storage;
    },
    keys: () => Object.keys(site.items).sort(),
  };
  return site;
}

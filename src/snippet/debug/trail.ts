import type { CallReport } from './report.ts';

/** Storage key; what is kept is masked. */
const KEY = 'sendx:debug';

/** What the page that led here said. */
export interface Trail {
  readonly earlier: readonly CallReport[];
  /** Leaves this page's calls to the page that it leads to. */
  keep(calls: readonly CallReport[]): void;
}

/**
 * Follows a form or link that leads away: whether the answer came before the page was gone or never,
 * is chance, and the next page is to tell what became of the call.
 *
 * @param storage - Of the tab.
 */
export function createTrail(storage: () => Storage, { URL, referrer }: Document): Trail {
  let earlier: readonly CallReport[] = [];
  try {
    const [page, calls] = JSON.parse(storage()[KEY]);
    if (page === referrer) earlier = calls;
  } catch {}
  return {
    earlier,
    keep(calls) {
      try {
        storage()[KEY] = JSON.stringify([URL.split('#')[0], calls]);
      } catch {}
    },
  };
}

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
 * is chance, and the next page is to tell what became of the call. Where that one has no panel, the
 * visitor comes back for it.
 *
 * @param storage - Of the tab.
 */
export function createTrail(storage: () => Storage, { URL, referrer }: Document): Trail {
  const here = URL.split('#')[0];
  let earlier: readonly CallReport[] = [];
  try {
    const [page, calls] = JSON.parse(storage()[KEY]);
    const [{ type }] = performance.getEntriesByType('navigation') as [PerformanceNavigationTiming];
    if (page === referrer || (page === here && type !== 'reload')) earlier = calls;
  } catch {}
  return {
    earlier,
    keep(calls) {
      try {
        storage()[KEY] = JSON.stringify([here, calls]);
      } catch {}
    },
  };
}

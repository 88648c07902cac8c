import { attempt } from './attempt.ts';

/** What the page's life brings. */
export interface PageEvents {
  /** Perhaps the last moment of this page. */
  readonly leave: () => void;
  /**
   * In view again, back from the back/forward cache (`cached`), activated after prerendering, or
   * online.
   */
  readonly resume: (cached?: boolean) => void;
  /** The page has had 2 s: what earlier pages left is no longer in their flight. */
  readonly settled: () => void;
}

/** Long enough for a page to have loaded, short enough for a short visit. */
const SETTLED_MS = 2000;

/**
 * Watches the page come and go. Neither `unload` nor `beforeunload` is used: both keep a page out
 * of the back/forward cache, and mobile browsers skip them.
 */
export function watchPage(window: Window, { leave, resume, settled }: PageEvents): void {
  for (const type of ['pagehide', 'visibilitychange', 'prerenderingchange', 'pageshow', 'online'])
    window.addEventListener(
      type,
      // A mobile browser may end a hidden page without another event.
      (event: Event & { readonly persisted?: boolean }) =>
        attempt(() =>
          (type === 'pagehide' || (!event.persisted && window.document.hidden) ? leave : resume)(
            event.persisted,
          ),
        ),
      // Capturing, since the document's own events need not bubble to the window.
      true,
    );
  setTimeout(() => attempt(settled), SETTLED_MS);
}

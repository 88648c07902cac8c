import { attempt } from './attempt.ts';
import type { ConsentState } from './consent.ts';

/** How the snippet behaves on this page. */
export interface Options {
  /** URL of the proxy's message endpoint. @defaultValue `messages`, next to the script */
  endpoint?: string;
  /** What holds until the visitor chooses. @defaultValue `granted` */
  consent?: ConsentState;
  /** `respect`: Global Privacy Control counts as `denied` until the visitor grants. */
  gpc?: 'respect';
  /** Loads the debug panel; also by `?sendx_debug` in the page's address. */
  debug?: boolean | string;
}

/**
 * Reads the `data-*` attributes of our script tag.
 *
 * @param ours - The script that runs. `null` in a module and where a tag manager evaluates the code;
 *   then the tag is looked for.
 */
export function readOptions(document: Document, ours: HTMLOrSVGScriptElement | null): Options {
  const script = (ours || document.querySelector('[src*="/sendx.js"],script[data-endpoint]')) as
    | HTMLScriptElement
    | undefined;
  const src = script?.src;
  // A blob: or data: address is no base for another. An inline script has none: an exception there
  // would cost half of the installation, 2 ms (Chromium 156).
  const endpoint = attempt(() => src && new URL('messages', src).href);
  return {
    ...(endpoint && { endpoint }),
    ...script?.dataset,
  };
}

import { isObject } from '../validation/json.ts';
import type { PageSource } from './inspectPage.ts';

/** A page to check, and the proxy that it should name. */
export interface CheckRequest extends PageSource {
  /** Public address, without a slash at the end. */
  readonly proxy: string;
}

/** Characters of HTML at most: pages with everything inlined have some hundred thousand. */
const MAX_HTML = 4_000_000;

/** Reads what the install page sends; `undefined` if it is something else. */
export function parsePageSource(body: unknown): CheckRequest | undefined {
  if (!isObject(body)) return undefined;
  const { html, proxy, site } = body;
  if (typeof html !== 'string' || html.length > MAX_HTML || typeof proxy !== 'string') {
    return undefined;
  }
  return {
    html,
    proxy: proxy.replace(/\/+$/, ''),
    ...(typeof site === 'string' && { site }),
  };
}

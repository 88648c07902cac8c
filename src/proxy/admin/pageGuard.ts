import { isLoopback } from '../http/loopback.ts';

/** What tells who sent a request to the admin port. */
export interface AdminSender {
  readonly path: string;
  /** The `Host` header. */
  readonly host: string;
  /** The `Origin` header. */
  readonly origin: string | undefined;
  /** The `Sec-Fetch-Site` header. */
  readonly site: string | undefined;
}

/** What scrapers and probes read, by whatever name their network gives this machine. */
const READ_BY_ANY_NAME: ReadonlySet<string> = new Set([
  '/livez',
  '/readyz',
  '/upstream',
  '/metrics',
]);

/** In a URL, a host that ends in a number is an address (URL standard, host parsing), never a name. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/;

/**
 * Makes a check for requests that a page sent, as any page in the operator's browser can: directly,
 * which shows in `Sec-Fetch-Site` and `Origin`, or through a name of its own that it makes resolve
 * to this machine (DNS rebinding), which shows in `Host` alone. An address cannot be rebound.
 *
 * @param bound - `ADMIN_HOST`; on loopback only loopback's own names are answered.
 */
export function createPageGuard(bound: string): (sender: AdminSender) => boolean {
  const isOwn = (name: string) =>
    ADDRESS.test(name) || name === 'localhost' || name === bound.toLowerCase();
  return ({ path, host, origin, site }) => {
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
    if (origin !== undefined && origin !== `http://${host}`) return true;
    if (isLoopback(bound)) return !isLoopback(host);
    return !READ_BY_ANY_NAME.has(path) && !isOwn(host.toLowerCase().replace(/:\d+$/, ''));
  };
}

/** Says whether an `Origin` header names a site of the operator. */
export type OriginPolicy = (origin: string | undefined) => boolean;

const WILDCARD = '://*.';
const LABELS = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

/**
 * The origin as browsers send it, or a fault in words. `https://*.example.com` stands for every
 * host below example.com, at any depth, and not for example.com itself.
 */
export function parseOrigin(
  text: string,
): { readonly origin: string } | { readonly fault: string } {
  const wild = text.includes(WILDCARD);
  const plain = wild ? text.replace(WILDCARD, '://') : text;
  const url = URL.canParse(plain) ? new URL(plain) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || plain.includes('*')) {
    return { fault: `"${text}" is not an origin such as https://www.example.com` };
  }
  if (plain.toLowerCase().replace(/\/$/, '') !== url.origin && !hasDefaultPort(plain, url)) {
    return { fault: `"${text}" has more than a scheme, a host and a port` };
  }
  if (wild && !/\.[a-z][a-z0-9-]*$/.test(url.hostname)) {
    return { fault: `"${text}" stands for more than the hosts of one domain` };
  }
  return { origin: wild ? url.origin.replace('://', WILDCARD) : url.origin };
}

function hasDefaultPort(plain: string, url: URL): boolean {
  const port = url.protocol === 'https:' ? ':443' : ':80';
  return plain.toLowerCase().replace(/\/$/, '') === url.origin + port;
}

/** An {@link OriginPolicy} of patterns that {@link parseOrigin} made. */
export function createOriginPolicy(patterns: readonly string[]): OriginPolicy {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes(WILDCARD)));
  const below = patterns
    .filter((pattern) => pattern.includes(WILDCARD))
    .map((pattern) => pattern.split('*') as [string, string]);
  return (origin) => {
    if (origin === undefined) return false;
    if (exact.has(origin)) return true;
    return below.some(
      ([scheme, suffix]) =>
        origin.startsWith(scheme) &&
        origin.endsWith(suffix) &&
        LABELS.test(origin.slice(scheme.length, -suffix.length)),
    );
  };
}

/** The Fetch Metadata request headers (W3C), where the browser sends them. */
export interface FetchMetadata {
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly dest: string | undefined;
}

/**
 * Whether a script's fetch or beacon made the request, not a form, a link or a typed address.
 * Browsers before Fetch Metadata send none of the headers and pass.
 */
export function comesFromScript({ site, mode, dest }: FetchMetadata): boolean {
  if (site === 'none') return false;
  if (mode === 'navigate') return false;
  return dest === undefined || dest === 'empty';
}

/** Codes of the system, TLS and undici that occur only while a connection is being made. */
const CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Causes nest two deep in undici; the bound is against a cycle. */
const MAX_DEPTH = 5;

/**
 * Tells whether an error of `fetch` proves that nothing was sent. Only Node's errors can: browsers
 * and Cloudflare Workers give no code.
 *
 * @returns the error's code if no connection came about, else `undefined`: it may have been sent.
 */
export function unsentCode(error: unknown): string | undefined {
  return causes(error)
    .map(connectCode)
    .find((code) => code !== undefined);
}

/** The first code along an error's causes, for a failure's `code`. */
export function errorCode(error: unknown): string | undefined {
  return causes(error)
    .map(codeOf)
    .find((code) => code !== undefined);
}

function connectCode(error: object): string | undefined {
  // Several addresses were tried: nothing was sent only if each of them failed to connect.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) {
    const codes = error.errors.map(unsentCode);
    return codes.includes(undefined) ? undefined : codes[0];
  }
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const syscall = 'syscall' in error ? error.syscall : undefined;
  const connecting = syscall === 'connect' || syscall === 'getaddrinfo';
  return connecting || CONNECT_CODES.has(code) ? code : undefined;
}

const codeOf = (error: object): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

function causes(error: unknown): object[] {
  const chain: object[] = [];
  for (let at = error; at instanceof Object && chain.length < MAX_DEPTH; ) {
    chain.push(at);
    at = 'cause' in at ? at.cause : undefined;
  }
  return chain;
}

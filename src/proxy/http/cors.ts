/** How long, in seconds, a browser may remember a preflight; Chromium caps it at 2 hours. */
const PREFLIGHT_SECONDS = 7200;

/** Header names and values of one answer. */
export type HeaderMap = Record<string, string>;

/**
 * The headers of every answer that the app gives at the message endpoint (Fetch standard, CORS
 * protocol). They name one allowed origin, never `*`, and never credentials: no cookie is read here.
 * Without them the page could not read a refusal, and without the exposure not its `Retry-After`.
 *
 * What Node answers by itself has none: 400, 408 and 431 to what is no whole request, 503 after the
 * last request of a connection. To a page that is a failure of the network, and it sends again.
 *
 * @param origin - the allowed origin, or `undefined` for one that is not.
 */
export function corsHeaders(origin: string | undefined): HeaderMap {
  const common = {
    Vary: 'Origin',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  if (origin === undefined) return common;
  return {
    ...common,
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'Retry-After',
  };
}

/** The headers of a preflight's answer, on top of {@link corsHeaders}. */
export const preflightHeaders: Readonly<HeaderMap> = {
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'content-type',
  'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
};

/** What a status asks of the sender. */
export type Advice =
  /** Try again later. */
  | 'retry'
  /** Send less at a time. */
  | 'split'
  /** Never acceptable: give the batch up. */
  | 'drop'
  /** Misconfigured: keep everything, try nothing more on this page. */
  | 'stop';

/** Longest pause of our own making, 60 s: a visit is short. */
const MAX_BACKOFF_MS = 60_000;

/** Longest pause that is believed, an hour: a due time beyond it tells of a clock that was moved. */
export const MAX_PAUSE_MS = 3_600_000;

/**
 * Reads the status of an answer that is no receipt; 0 where there was no answer. Redirects never
 * come here: fetch follows them.
 */
export function advise(status: number): Advice {
  const text = `${status}`;
  // No answer, a captive portal's, or 5xx; Request Timeout, Too Early, Too Many Requests
  if (/^([^4]|4(08|25|29))/.test(text)) return 'retry';
  // Unauthorized, Forbidden (this origin), Not Found (this endpoint)
  if (/40[134]/.test(text)) return 'stop';
  return status === 413 ? 'split' : 'drop';
}

/**
 * Milliseconds until the next attempt: 1 s doubled each time, full jitter, 60 s at most.
 *
 * @param failures - So many in a row, 1 or more.
 * @param random - In [0, 1).
 */
export const backoff = (failures: number, random: number): number =>
  random * Math.min(MAX_BACKOFF_MS, 500 * 2 ** failures);

/**
 * Milliseconds that a Retry-After header asks for, in seconds or as a date (RFC 9110, 10.2.3).
 *
 * @returns 0 where there is none.
 */
export function retryAfter(header: string | null, now: number): number {
  const ms = Number(header) * 1000 || Date.parse(header as string) - now;
  return ms > 0 ? Math.min(ms, MAX_PAUSE_MS) : 0;
}

import type { SendxFailure } from './errors.ts';
import { errorCode, unsentCode } from './unsent.ts';

/** The caller's signal aborted, before anything was sent (`no`) or after (`maybe`). */
export const aborted = (type: string, applied: 'no' | 'maybe'): SendxFailure => ({
  kind: 'aborted',
  applied,
  message: `The ${type} was aborted ${applied === 'no' ? 'before' : 'after'} it was sent`,
});

/** No whole answer within `ms`. */
export const timedOut = (type: string, ms: number): SendxFailure => ({
  kind: 'timeout',
  applied: 'maybe',
  message: `SendX gave no whole answer to ${type} within ${ms} ms`,
});

/** `fetch` rejected. Its error is not kept: it may hold the request and so the key. */
export function broken(type: string, error: unknown): SendxFailure {
  const unsent = unsentCode(error);
  if (unsent !== undefined) {
    const message = `No connection to SendX for ${type} (${unsent})`;
    return { kind: 'network', applied: 'no', code: unsent, message };
  }
  const code = errorCode(error);
  return {
    kind: 'cut',
    applied: 'maybe',
    ...(code === undefined ? {} : { code }),
    message: `The connection to SendX ended before its answer to ${type} (${code ?? 'no code'})`,
  };
}

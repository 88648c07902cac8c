import type { Answer } from './answer.ts';
import { isRecord, parseContact } from './contact.ts';
import type { SendxFailure } from './errors.ts';
import type { SendxContact } from './models.ts';
import { parseRetryAfter } from './retryAfter.ts';

/** What a call brought. */
export type SendxOutcome =
  | {
      readonly ok: true;
      /** HTTP status, a 2xx. */
      readonly status: number;
      /** The contact as it is now. `identify` on the legacy surface alone answers it reliably. */
      readonly contact?: SendxContact;
    }
  | { readonly ok: false; readonly failure: SendxFailure };

/** Characters of the vendor's text that are kept. */
const MAX_SAID = 200;

/**
 * Decides what an answer means: by the HTTP status first, then, in a 2xx, by the body's `status`,
 * which is a string or a number (`"200"`, `"success"`, `"error"`, `401`).
 *
 * @param type - the call, for the message.
 * @param now - milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function toOutcome(answer: Answer, type: string, now: number): SendxOutcome {
  const status = effectiveStatus(answer);
  const body = isRecord(answer.body) ? answer.body : undefined;
  const said = typeof body?.message === 'string' ? body.message.slice(0, MAX_SAID) : undefined;
  const base = {
    message: `SendX answered ${status} to ${type}`,
    status,
    ...(said === undefined ? {} : { said }),
  };
  const fail = (failure: SendxFailure): SendxOutcome => ({ ok: false, failure });

  if (status >= 200 && status < 300) {
    // 204 says by itself that there is no body; any other 2xx without SendX's JSON may be anybody's,
    // a captive portal's for one.
    if (body === undefined && status !== 204) {
      const message = `${base.message}, but not with a JSON object of at most 64 KiB`;
      return fail({ ...base, kind: 'malformed', applied: 'maybe', message });
    }
    if (isErrorWord(body?.status)) {
      const message = `${base.message}, but its body says error`;
      return fail({ ...base, kind: 'refused_by_body', applied: 'no', message });
    }
    const contact = parseContact(body?.data);
    return { ok: true, status, ...(contact === undefined ? {} : { contact }) };
  }

  const retryAfterMs = parseRetryAfter(answer.retryAfter, now);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status >= 300 && status < 400) return fail({ ...base, kind: 'redirected', applied: 'no' });
  switch (status) {
    case 401:
    case 403:
      return fail({ ...base, kind: 'unauthorized', applied: 'no' });
    case 404:
      return fail({ ...base, kind: 'not_found', applied: 'no' });
    case 409:
      return fail({ ...base, kind: 'conflict', applied: 'no' });
    case 429:
      return fail({ ...base, ...wait, kind: 'rate_limited', applied: 'no' });
    case 408:
    case 425:
      return fail({ ...base, ...wait, kind: 'unavailable', applied: 'maybe' });
  }
  if (status >= 400 && status < 500) return fail({ ...base, kind: 'invalid', applied: 'no' });
  return fail({ ...base, ...wait, kind: 'unavailable', applied: 'maybe' });
}

/** A 2xx is overruled by an error status that its body names. */
function effectiveStatus(answer: Answer): number {
  const named = Number(isRecord(answer.body) ? answer.body.status : undefined);
  const isSuccess = answer.status >= 200 && answer.status < 300;
  return isSuccess && named >= 400 && named < 600 ? named : answer.status;
}

const isErrorWord = (status: unknown): boolean =>
  typeof status === 'string' && status.toLowerCase() === 'error';

/** What every failure says. */
interface FailureBase {
  /** For people: what was called and what came of it. Holds no key, e-mail, URL or vendor text. */
  readonly message: string;
  /**
   * Whether SendX may have applied the call. `no`: repeating it is safe. `maybe`: repeating it is
   * safe unless it adds to or subtracts from a number, for SendX knows no idempotency key.
   */
  readonly applied: 'no' | 'maybe';
}

/** A failure that SendX, or something in its place, answered. */
interface Answered extends FailureBase {
  /** HTTP status; in a 2xx whose body names an error status, that one. */
  readonly status: number;
  /** The answer's own `message`, at most 200 characters. May quote the contact: not for logs. */
  readonly said?: string;
}

/**
 * Why a call failed; a closed union, told apart by `kind`.
 *
 * @example
 * ```ts
 * const result = await sendx.track('jane@example.com', { addTags: ['ebook'] });
 * if (!result.ok && result.failure.kind === 'rate_limited') {
 *   retryLater(result.failure.retryAfterMs ?? 1_000);
 * }
 * ```
 */
export type SendxFailure =
  /** 401, 403: the API key or team id is not valid. */
  | (Answered & { readonly kind: 'unauthorized'; readonly applied: 'no' })
  /** 404: to `track`, SendX has no such contact. */
  | (Answered & { readonly kind: 'not_found'; readonly applied: 'no' })
  /** 409: `newEmail` belongs to another contact. */
  | (Answered & { readonly kind: 'conflict'; readonly applied: 'no' })
  /** Any other 4xx: the call itself is wrong, and repeating it will not help. */
  | (Answered & { readonly kind: 'invalid'; readonly applied: 'no' })
  /** A 2xx whose body says `"status": "error"`. */
  | (Answered & { readonly kind: 'refused_by_body'; readonly applied: 'no' })
  /** 429. */
  | (Answered & {
      readonly kind: 'rate_limited';
      readonly applied: 'no';
      /** From `Retry-After`, in milliseconds; absent where SendX sent none. */
      readonly retryAfterMs?: number;
    })
  /** 408, 425, 5xx. */
  | (Answered & {
      readonly kind: 'unavailable';
      readonly applied: 'maybe';
      /** From `Retry-After`, in milliseconds; absent where SendX sent none. */
      readonly retryAfterMs?: number;
    })
  /** 3xx. Never followed, so that the key goes nowhere else: most likely a wrong base URL. */
  | (Answered & { readonly kind: 'redirected'; readonly applied: 'no' })
  /** A 2xx that is no answer of SendX: no JSON object, or over 64 KiB. */
  | (Answered & { readonly kind: 'malformed'; readonly applied: 'maybe' })
  /** No connection came about (refused, no such host, TLS): nothing was sent. */
  | (FailureBase & {
      readonly kind: 'network';
      readonly applied: 'no';
      /** The system's error code, such as `ECONNREFUSED`. */
      readonly code: string;
    })
  /** No whole answer in time. */
  | (FailureBase & { readonly kind: 'timeout'; readonly applied: 'maybe' })
  /** The connection ended before the answer did. */
  | (FailureBase & { readonly kind: 'cut'; readonly applied: 'maybe'; readonly code?: string })
  /** The caller's signal aborted; `no` if it had before anything was sent. */
  | (FailureBase & { readonly kind: 'aborted' });

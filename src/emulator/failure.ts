import type { Rules } from './rules.ts';

/** Why a call is turned down. */
export type FailureCode =
  | 'unauthorised'
  | 'limited'
  | 'no_route'
  | 'bad_method'
  | 'too_large'
  | 'bad_json'
  | 'bad_body'
  | 'email_missing'
  | 'email_invalid'
  | 'email_taken'
  | 'contact_unknown';

/** A call turned down: the code decides the answer, the detail is for the journal only. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail: string;
}

/** A value, or why there is none. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** Wraps a {@link Failure} as the result of a step. */
export const fail = (code: FailureCode, detail: string): { ok: false; failure: Failure } => ({
  ok: false,
  failure: { code, detail },
});

/** An HTTP answer before it is a Response. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

// The wording of SendX's published examples, where there is one.
const NOT_PROPER = 'Request body is not in proper format';

function wordingOf(code: FailureCode, rules: Rules): readonly [status: number, message: string] {
  switch (code) {
    case 'unauthorised':
      return [401, 'The Team ID or API Key specified is not valid'];
    case 'limited':
      return [429, 'Too many requests'];
    case 'no_route':
      return [404, 'Resource not found'];
    case 'bad_method':
      return [405, 'Method not allowed'];
    case 'too_large':
      return [413, 'Request body is too large'];
    case 'bad_json':
      return [Number(rules.badJson), NOT_PROPER];
    case 'bad_body':
      return [422, NOT_PROPER];
    case 'email_missing':
      return [Number(rules.missingEmail), 'Email is required'];
    case 'email_invalid':
      return [Number(rules.badEmail), NOT_PROPER];
    case 'email_taken':
      return [409, 'Email already exists'];
    case 'contact_unknown':
      return [rules.trackUnknown === 'error-in-200' ? 200 : 404, 'Resource not found'];
  }
}

/** Words a failure as SendX does, on either surface. */
export function failureAnswer(code: FailureCode, rules: Rules): Answer {
  const [status, message] = wordingOf(code, rules);
  if (code === 'unauthorised' && rules.unauthorisedStatus === 'number') {
    return { status, body: { status, message } };
  }
  const word = rules.errorStatus === 'code' && status >= 400 ? String(status) : 'error';
  return { status, body: { status: word, message } };
}

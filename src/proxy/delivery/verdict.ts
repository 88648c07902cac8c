import { MAX_AGE_MS, type Message } from '../../protocol.ts';
import type { Verdict } from '../outbox/outbox.ts';
import type { SendxFailure } from '../sendx/errors.ts';
import { backoff } from './backoff.ts';
import { holdsIncrement } from './increment.ts';

/**
 * Whose fault a failure is, and so what it holds up.
 *
 * - `message`: SendX will never take it; the lane goes on without it.
 * - `upstream`: no message would fare better now; every lane waits.
 * - `setup`: as `upstream`, until the operator mends key or base URL; nobody's message expires by it.
 * - `doubt`: the message's or SendX's; see {@link createOutage}.
 * - `us`: we are closing.
 */
export type Blame = 'message' | 'upstream' | 'setup' | 'doubt' | 'us';

const BLAME: Readonly<Record<SendxFailure['kind'], Blame>> = {
  not_found: 'message',
  conflict: 'message',
  invalid: 'message',
  refused_by_body: 'message',
  rate_limited: 'upstream',
  network: 'upstream',
  unauthorized: 'setup',
  redirected: 'setup',
  unavailable: 'doubt',
  timeout: 'doubt',
  cut: 'doubt',
  malformed: 'doubt',
  aborted: 'us',
};

/** Whose fault a failure of this kind is. */
export const blame = (kind: SendxFailure['kind']): Blame => BLAME[kind];

/** Why every lane must wait. */
export type UpstreamReason =
  /** SendX refuses the API key or team id. */
  | 'unauthorized'
  /** A redirect came back: the base URL is wrong. */
  | 'redirected'
  /** 429. */
  | 'rate_limited'
  /** No connection comes about. */
  | 'network'
  /** Several lanes in a row got a 5xx, a timeout, or no answer of SendX's. */
  | 'outage';

/** Why a failure makes every lane wait; `undefined` if it does not. */
export function upstreamReason(
  { kind }: SendxFailure,
  isOutage: boolean,
): UpstreamReason | undefined {
  switch (kind) {
    case 'unauthorized':
    case 'redirected':
    case 'rate_limited':
    case 'network':
      return kind;
    default:
      return BLAME[kind] === 'doubt' && isOutage ? 'outage' : undefined;
  }
}

/** One failed attempt. */
export interface Attempt {
  readonly message: Message;
  /** Milliseconds since the message was stored. */
  readonly ageMs: number;
  /** 1 for the first. */
  readonly attempt: number;
  /** What several lanes say of a failure in doubt. */
  readonly isOutage: boolean;
}

/** What a failed attempt means for its message. Pure but for `random`, in [0, 1). */
export function judge(failure: SendxFailure, attempt: Attempt, random: () => number): Verdict {
  const fault = blame(failure.kind);
  if (fault === 'message') return { kind: 'dead', reason: 'rejected', detail: detailOf(failure) };
  if (failure.applied === 'maybe' && holdsIncrement(attempt.message)) {
    return { kind: 'dead', reason: 'ambiguous', detail: failure.message };
  }
  if (fault === 'us') return { kind: 'retry', scope: 'message', afterMs: 0 };
  if (fault !== 'setup' && attempt.ageMs >= MAX_AGE_MS) {
    return { kind: 'dead', reason: 'expired', detail: failure.message };
  }
  const scope = upstreamReason(failure, attempt.isOutage) === undefined ? 'message' : 'upstream';
  return { kind: 'retry', scope, afterMs: backoff(attempt.attempt, random, waitOf(failure)) };
}

/** What SendX itself said of the time to wait, in milliseconds. */
export const waitOf = (failure: SendxFailure): number | undefined =>
  'retryAfterMs' in failure ? failure.retryAfterMs : undefined;

function detailOf(failure: SendxFailure): string {
  if (failure.kind === 'not_found') return `${failure.message}: it has no such contact`;
  const said = 'said' in failure ? failure.said : undefined;
  // Details reach logs and terminals; SendX may quote the address that it refuses.
  return said === undefined
    ? failure.message
    : `${failure.message}: ${said.replaceAll(/[^\s"'<>]+@[^\s"'<>]+/g, '[e-mail]')}`;
}

import type { Message } from '../protocol.ts';
import { createOutage } from './delivery/outage.ts';
import { blame, judge, type UpstreamReason, upstreamReason, waitOf } from './delivery/verdict.ts';
import type { DeadReason, Deliver, Delivery, Verdict } from './outbox/outbox.ts';
import type { Sendx } from './sendx/client.ts';
import type { SendxFailure } from './sendx/errors.ts';
import type { SendxOutcome } from './sendx/outcome.ts';

/** One attempt, for metrics and logs. Names nobody: the lane is a keyed hash. */
export interface DeliveryEvent {
  readonly id: string;
  readonly lane: string;
  readonly type: Message['type'];
  readonly attempt: number;
  readonly verdict: Verdict['kind'];
  /** Of a dead message. */
  readonly reason?: DeadReason;
  /** Of a retry. */
  readonly scope?: 'message' | 'upstream';
  /** Of a retry: milliseconds that its lane waits. */
  readonly afterMs?: number;
  /** What went wrong, if anything did. */
  readonly failure?: SendxFailure['kind'];
  /** HTTP status, if an answer came. */
  readonly status?: number;
  /** Milliseconds that SendX took. */
  readonly ms: number;
}

/** What a delivery works with. */
export interface DeliveryParts {
  readonly sendx: Sendx;
  /** Told when every lane must wait, and how many milliseconds if SendX named a time. */
  readonly trip: (reason: UpstreamReason, retryAfterMs?: number) => void;
  /** Told of every attempt. @defaultValue nobody */
  readonly observe?: (event: DeliveryEvent) => void;
  /** Milliseconds since the epoch. @defaultValue `Date.now` */
  readonly clock?: () => number;
  /** In [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** Makes the stage that takes one message to SendX and says what became of it. */
export function createDelivery(parts: DeliveryParts): Deliver {
  const { sendx, trip, observe, clock = Date.now, random = Math.random } = parts;
  const outage = createOutage();

  const verdictOf = (outcome: SendxOutcome, delivery: Delivery, now: number): Verdict => {
    if (outcome.ok) {
      outage.heard();
      return { kind: 'done' };
    }
    const { failure } = outcome;
    const { message, lane, attempt, storedAt } = delivery;
    if (isWord(failure)) outage.heard();
    const isOutage = blame(failure.kind) === 'doubt' && outage.unheard(lane);
    const reason = upstreamReason(failure, isOutage);
    if (reason !== undefined) trip(reason, waitOf(failure));
    return judge(failure, { message, attempt, isOutage, ageMs: now - storedAt }, random);
  };

  return async (delivery) => {
    const { message, lane, attempt } = delivery;
    const startedAt = clock();
    const outcome = await send(sendx, delivery);
    const now = clock();
    const verdict = verdictOf(outcome, delivery, now);
    const ms = Math.max(0, now - startedAt);
    const { id, type } = message;
    observe?.({ id, lane, type, attempt, ms, ...wordsOf(outcome), ...fieldsOf(verdict) });
    return verdict;
  };
}

async function send(sendx: Sendx, { message, signal }: Delivery): Promise<SendxOutcome> {
  const { email } = message;
  if (message.type === 'identify') {
    const outcome = await sendx.identify({ ...message.traits, email }, { signal });
    // An identify makes its contact: a 404 tells of a wrong base URL, as a redirect does, and must
    // not turn a backlog into dead letters.
    return !outcome.ok && outcome.failure.kind === 'not_found'
      ? { ok: false, failure: { ...outcome.failure, kind: 'redirected' } }
      : outcome;
  }
  const { addTags, removeTags } = message;
  const change = { ...(addTags && { addTags }), ...(removeTags && { removeTags }) };
  return sendx.track(email, change, { signal });
}

/** Whether SendX itself spoke, so that it is not down. */
const isWord = (failure: SendxFailure): boolean =>
  blame(failure.kind) === 'message' ||
  failure.kind === 'rate_limited' ||
  failure.kind === 'unauthorized';

function wordsOf(outcome: SendxOutcome): Pick<DeliveryEvent, 'status' | 'failure'> {
  if (outcome.ok) return { status: outcome.status };
  const { failure } = outcome;
  return { failure: failure.kind, ...('status' in failure && { status: failure.status }) };
}

function fieldsOf(
  verdict: Verdict,
): Pick<DeliveryEvent, 'verdict' | 'reason' | 'scope' | 'afterMs'> {
  switch (verdict.kind) {
    case 'done':
      return { verdict: 'done' };
    case 'dead':
      return { verdict: 'dead', reason: verdict.reason };
    case 'retry':
      return { verdict: 'retry', scope: verdict.scope, afterMs: verdict.afterMs };
  }
}

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Message, Receipt, RefusalCode, Result } from '../protocol.ts';
import { addressBlock, truncatedAddress } from './address.ts';
import type { Body } from './body.ts';
import type { HeaderMap } from './cors.ts';
import { errorFields } from './errorFields.ts';
import type { Log } from './log.ts';
import type { FetchMetadata } from './origin.ts';
import { type Appended, type Outbox, OutboxFull } from './outbox/outbox.ts';
import type { Judge } from './policy.ts';
import type { Excess, Rate } from './rate.ts';
import type { Signatures } from './signature.ts';
import type { Telemetry } from './telemetry.ts';
import type { Entry, ParsedEnvelope } from './validation.ts';

/** The stages of the route, in their order. */
export interface MessageStages {
  readonly isAllowedOrigin: (origin: string | undefined) => boolean;
  readonly comesFromScript: (metadata: FetchMetadata) => boolean;
  readonly addressOf: (context: Context) => string;
  readonly rateIp: Rate;
  readonly readBody: (request: Request) => Promise<Body>;
  readonly parseJson: (text: string) => unknown;
  readonly parseEnvelope: (body: unknown) => ParsedEnvelope;
  readonly rateContact: Rate;
  readonly signatures: Pick<Signatures, 'check'>;
  readonly judge: Judge;
  readonly outbox: Pick<Outbox, 'append' | 'laneOf'>;
  readonly headers: (origin: string | undefined) => HeaderMap;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** A message that the policy lets through. */
interface Kept {
  readonly kept: Message;
}

/** Seconds after which a full or failing store may be asked again. */
const RETRY_STORE_SECONDS = 30;

/** Issues named in a 422 at most: enough to find the fault, too few to be a burden. */
const MAX_DETAILS = 10;

/** Handles `POST /v1/messages`: one result for each message, or one refusal of the envelope. */
export function createMessagesRoute(stages: MessageStages): (c: Context) => Promise<Response> {
  const { telemetry, log, clock } = stages;

  return async (c) => {
    const origin = c.req.header('origin');
    if (!stages.isAllowedOrigin(origin)) return refuse(c, undefined, 403, 'origin_not_allowed');
    if (!stages.comesFromScript(fetchMetadata(c))) return refuse(c, origin, 403, 'not_from_script');

    const address = stages.addressOf(c);
    const excess = await stages.rateIp(addressBlock(address));
    if (excess !== undefined) {
      log.debug('Too many requests', { address: truncatedAddress(address) });
      return refuse(c, origin, 429, 'too_many_requests', excessHeaders(excess));
    }

    const body = await stages.readBody(c.req.raw);
    if ('error' in body) {
      if (body.status === 408) telemetry.aborted();
      return refuse(c, origin, body.status, body.error);
    }
    const json = stages.parseJson(body.text);
    if (json === undefined) return refuse(c, origin, 400, 'not_json');
    const parsed = stages.parseEnvelope(json);
    if ('issues' in parsed) {
      const details = parsed.issues.slice(0, MAX_DETAILS);
      return c.json({ error: 'envelope', details }, 422, stages.headers(origin));
    }
    if (parsed.lost) telemetry.lost(parsed.lost);

    try {
      const receipt: Receipt = { results: await settle(parsed.entries) };
      return c.json(receipt, 202, stages.headers(origin));
    } catch (error) {
      const full = error instanceof OutboxFull;
      log.error(full ? 'The outbox is full' : 'The outbox failed', errorFields(error));
      const retry = { 'Retry-After': String(RETRY_STORE_SECONDS) };
      return refuse(c, origin, 503, full ? 'full' : 'unavailable', retry);
    }
  };

  async function settle(entries: readonly Entry[]): Promise<readonly Result[]> {
    const judged = await Promise.all(entries.map(judgeEntry));
    const kept: Kept[] = [];
    const admitted: (Result | Kept)[] = [];
    // One after the other, so that a contact over its limit loses its place in nothing.
    for (const item of judged) {
      const admission = 'kept' in item ? await admit(item) : item;
      if ('kept' in admission) kept.push(admission);
      admitted.push(admission);
    }
    const appended = await append(kept.map((item) => item.kept));
    let next = 0;
    return admitted.map((item) => {
      const result = 'kept' in item ? toResult(item.kept.id, appended[next++]) : item;
      const code = result.status === 'refused' ? { code: result.code } : {};
      telemetry.result(result.status, code.code);
      log.debug('Result', { id: result.id, state: result.status, ...code });
      return result;
    });
  }

  async function judgeEntry(entry: Entry): Promise<Result | Kept> {
    if (!('message' in entry)) {
      return entry.code === 'later'
        ? { id: entry.id, status: 'later' }
        : refusal(entry.id, entry.code, entry.reason);
    }
    const { id, email, signature } = entry.message;
    const judgement = stages.judge(entry.message, await stages.signatures.check(email, signature));
    return 'message' in judgement
      ? { kept: judgement.message }
      : refusal(id, judgement.code, judgement.reason);
  }

  async function admit(item: Kept): Promise<Result | Kept> {
    const excess = await stages.rateContact(stages.outbox.laneOf(item.kept.email));
    return excess === undefined ? item : { id: item.kept.id, status: 'later' };
  }

  async function append(messages: readonly Message[]): Promise<readonly Appended[]> {
    if (messages.length === 0) return [];
    const started = clock();
    const appended = await stages.outbox.append(messages);
    telemetry.appended(messages.length, (clock() - started) / 1000);
    return appended;
  }

  function refuse(
    c: Context,
    origin: string | undefined,
    status: ContentfulStatusCode,
    error: string,
    extra: HeaderMap = {},
  ): Response {
    return c.json({ error }, status, { ...stages.headers(origin), ...extra });
  }
}

function toResult(id: string, appended: Appended | undefined): Result {
  switch (appended) {
    case 'stored':
      return { id, status: 'accepted' };
    case 'duplicate':
      return { id, status: 'duplicate' };
    case 'rejected':
      return refusal(id, 'rejected', 'SendX does not accept it');
    default:
      return { id, status: 'later' };
  }
}

function refusal(id: string, code: RefusalCode, reason: string): Result {
  return { id, status: 'refused', code, message: `The message was dropped: ${reason}.` };
}

function fetchMetadata(c: Context): FetchMetadata {
  return {
    site: c.req.header('sec-fetch-site'),
    mode: c.req.header('sec-fetch-mode'),
    dest: c.req.header('sec-fetch-dest'),
  };
}

/** `RateLimit` as in draft-ietf-httpapi-ratelimit-headers. */
function excessHeaders({ waitMs, limit, windowSeconds }: Excess): HeaderMap {
  const seconds = Math.ceil(waitMs / 1000);
  return {
    'Retry-After': String(seconds),
    RateLimit: `"address";r=0;t=${seconds}`,
    'RateLimit-Policy': `"address";q=${limit};w=${windowSeconds}`,
  };
}

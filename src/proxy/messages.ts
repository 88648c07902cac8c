import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Receipt } from '../protocol.ts';
import { addressBlock, truncatedAddress } from './http/address.ts';
import type { Body } from './http/body.ts';
import type { HeaderMap } from './http/cors.ts';
import type { FetchMetadata } from './http/origin.ts';
import { errorFields } from './log/errorFields.ts';
import type { Log } from './log.ts';
import { OutboxFull } from './outbox/outbox.ts';
import type { Excess, Rate } from './policy/rate.ts';
import type { Settle } from './settlement.ts';
import type { Telemetry } from './telemetry.ts';
import type { ParsedEnvelope } from './validation.ts';

/** The stages of the route, in their order. */
export interface MessageStages {
  readonly isAllowedOrigin: (origin: string | undefined) => boolean;
  readonly comesFromScript: (metadata: FetchMetadata) => boolean;
  readonly addressOf: (context: Context) => string;
  readonly rateIp: Rate;
  readonly readBody: (request: Request) => Promise<Body>;
  readonly parseJson: (text: string) => unknown;
  readonly parseEnvelope: (body: unknown) => ParsedEnvelope;
  readonly settle: Settle;
  readonly headers: (origin: string | undefined) => HeaderMap;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** Seconds after which a full or failing store may be asked again. */
const RETRY_STORE_SECONDS = 30;

/** Issues named in a 422 at most: enough to find the fault, too few to be a burden. */
const MAX_DETAILS = 10;

/** Handles `POST /v1/messages`: one result for each message, or one refusal of the envelope. */
export function createMessagesRoute(stages: MessageStages): (c: Context) => Promise<Response> {
  const { telemetry, log } = stages;

  return async (c) => {
    const origin = c.req.header('origin');
    if (!stages.isAllowedOrigin(origin)) return refuse(c, undefined, 403, 'origin_not_allowed');
    if (!stages.comesFromScript(fetchMetadata(c))) return refuse(c, origin, 403, 'not_from_script');

    const address = stages.addressOf(c);
    const block = addressBlock(address);
    const tooMany = (excess: Excess) => {
      log.debug('Too many requests', { address: truncatedAddress(address) });
      return refuse(c, origin, 429, 'too_many_requests', excessHeaders(excess));
    };
    const excess = await stages.rateIp(block);
    if (excess !== undefined) return tooMany(excess);

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

    // The request itself has counted as one; an envelope is as good as so many requests.
    const further = parsed.entries.length - 1;
    const excessMessages = further > 0 ? await stages.rateIp(block, further) : undefined;
    if (excessMessages !== undefined) return tooMany(excessMessages);

    try {
      const receipt: Receipt = { results: await stages.settle(parsed.entries) };
      // The page reports a loss until a receipt comes, so that only here it counts once.
      if (parsed.lost) telemetry.lost(parsed.lost);
      return c.json(receipt, 202, stages.headers(origin));
    } catch (error) {
      const full = error instanceof OutboxFull;
      log.error(full ? 'The outbox is full' : 'The outbox failed', errorFields(error));
      const retry = { 'Retry-After': String(RETRY_STORE_SECONDS) };
      return refuse(c, origin, 503, full ? 'full' : 'unavailable', retry);
    }
  };

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

import ky from 'ky';
import { readAnswer } from './answer.ts';
import { aborted, broken, timedOut } from './breakdown.ts';
import { withDeadline } from './deadline.ts';
import type { SendxFailure } from './errors.ts';
import type { IdentifyContact, TagChange } from './models.ts';
import { type SendxOutcome, toOutcome } from './outcome.ts';
import { LEGACY_BASE_URL, REST_BASE_URL, type SendxCall, toRequest } from './requests.ts';

// What a caller may want to name: this file is an entry of the package.
export type { SendxFailure } from './errors.ts';
export type {
  IdentifyContact,
  IdentifyResponse,
  SendxContact,
  TagChange,
  TrackResponse,
} from './models.ts';
export type { SendxOutcome } from './outcome.ts';

/** Milliseconds for one call, from the connection to the last byte of the answer. */
export const DEFAULT_TIMEOUT_MS = 15_000;

/** The longest delay that `setTimeout` takes; a longer one would end at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** How to reach SendX. */
export interface SendxOptions {
  /** From Settings, API & Webhooks, Team API Key. Kept out of every message, URL and error. */
  readonly apiKey: string;
  /** If given, the legacy surface is used; without it, REST. */
  readonly teamId?: string;
  /**
   * A URL without a path gets the path that the surface has at SendX. Give plain http only where
   * nobody is on the way: the key travels in a header.
   *
   * @defaultValue SendX's own for the surface
   */
  readonly baseUrl?: string;
  /** Milliseconds for one call with its answer. @defaultValue 15000 */
  readonly timeoutMs?: number;
  /** Called with one `Request`. @defaultValue `globalThis.fetch` as it is at each call */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  /** Milliseconds since the epoch. @defaultValue `Date.now` */
  readonly clock?: () => number;
}

/** Options of one call. */
export interface SendxCallOptions {
  /** Ends the call as `aborted`. */
  readonly signal?: AbortSignal;
}

/** SendX's contact API. Neither method rejects: whatever happens is a result. */
export interface Sendx {
  /** Creates or updates a contact; nothing that it has is deleted. */
  identify(contact: IdentifyContact, options?: SendxCallOptions): Promise<SendxOutcome>;
  /** Adds tags to and removes tags from an existing contact. */
  track(email: string, change: TagChange, options?: SendxCallOptions): Promise<SendxOutcome>;
}

/**
 * Makes a client of SendX's contact API. It repeats no call: see `applied` of the failure for
 * whether you may. Runs wherever `fetch` does.
 *
 * @throws TypeError if an option has no usable value.
 *
 * @example
 * ```ts
 * const sendx = createSendx({ apiKey: process.env.SENDX_API_KEY ?? '' });
 * const result = await sendx.identify({ email: 'jane@example.com', tags: ['newsletter'] });
 * if (!result.ok) console.error(result.failure.message);
 * await sendx.track('jane@example.com', { addTags: ['ebook'], removeTags: ['newsletter'] });
 * ```
 *
 * @example The legacy surface, from which `identify` answers the contact:
 * ```ts
 * const sendx = createSendx({ apiKey, teamId: 'CLdh9Ig5GLIN1u8gTRvoja' });
 * const result = await sendx.identify({ email: 'jane@example.com' });
 * if (result.ok) console.log(result.contact?.tags);
 * ```
 */
export function createSendx(options: SendxOptions): Sendx {
  const { apiKey, teamId, timeoutMs = DEFAULT_TIMEOUT_MS, clock = Date.now } = options;
  const ownUrl = teamId === undefined ? REST_BASE_URL : LEGACY_BASE_URL;
  const { fetch, baseUrl = ownUrl } = options;
  // Checked here because `Headers` quotes the value that it refuses.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError('The `apiKey` option must be printable ASCII without spaces');
  }
  if (teamId === '') throw new TypeError('The `teamId` option must not be empty');
  if (!isHttpUrl(baseUrl)) {
    throw new TypeError(
      'The `baseUrl` option must be an http or https URL without credentials, query and fragment',
    );
  }
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new TypeError(`The \`timeoutMs\` option must be above 0 and at most ${MAX_TIMEOUT_MS}`);
  }

  const http = ky.create({
    prefixUrl:
      new URL(baseUrl).pathname === '/' ? new URL(new URL(ownUrl).pathname, baseUrl) : baseUrl,
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    // Cloudflare Workers know no `error`; a 3xx that is not followed is a failure all the same.
    redirect: 'manual',
    ...(fetch === undefined ? {} : { fetch: async (input) => fetch(new Request(input)) }),
  });
  const credentials = { apiKey, ...(teamId === undefined ? {} : { teamId }) };

  const send = async (call: SendxCall, outer?: AbortSignal): Promise<SendxOutcome> => {
    const { type } = call;
    const fail = (failure: SendxFailure): SendxOutcome => ({ ok: false, failure });
    if (outer?.aborted) return fail(aborted(type, 'no'));
    const { path, query, headers, body } = toRequest(call, credentials);
    try {
      const ended = await withDeadline(
        async (signal) => {
          const init = { searchParams: query, headers, json: body, signal };
          return readAnswer(await http.post(path, init), apiKey);
        },
        timeoutMs,
        outer,
      );
      if (ended.kind === 'aborted') return fail(aborted(type, 'maybe'));
      if (ended.kind === 'timeout') return fail(timedOut(type, timeoutMs));
      return toOutcome(ended.value, type, clock());
    } catch (error) {
      return fail(broken(type, error));
    }
  };

  return {
    identify: (contact, { signal } = {}) => send({ type: 'identify', contact }, signal),
    track: (email, change, { signal } = {}) => send({ type: 'track', email, change }, signal),
  };
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

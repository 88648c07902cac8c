/**
 * The wire contract of snippet and proxy: what may travel, in which shape, within which bounds.
 * Both sides compile against this file and neither imports the other.
 *
 * @module
 */

/** Version of {@link Envelope}; a proxy refuses any other. */
export const PROTOCOL_VERSION = 1;

/** Path of the message endpoint, next to {@link SCRIPT_PATH} so that the script finds it. */
export const MESSAGES_PATH = '/v1/messages';

/** Path of the evergreen script. */
export const SCRIPT_PATH = '/v1/sendx.js';

/** Messages in one envelope at most. The snippet sends up to 50; the rest is room for others. */
export const MAX_MESSAGES = 100;

/** Bytes of one request body at most: browsers refuse larger keepalive bodies and beacons anyway. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Bytes of one message as JSON at most, in UTF-8. */
export const MAX_MESSAGE_BYTES = 8 * 1024;

/**
 * Age in milliseconds (7 days) at which a message that does not get through is given up: by the
 * script since the call, by the proxy since it was stored, each by its own clock.
 */
export const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000;

/** How long, in milliseconds (8 days), the proxy remembers an id: longer than a page may keep it. */
export const DEDUPE_MS = 8 * 24 * 60 * 60 * 1000;

/**
 * What may be said of a contact. Absent properties are left as they are; nothing is deleted. On the
 * wire values may also be numbers or booleans, and tags one string with commas, as pages write them.
 */
export interface Traits {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly company?: string;
  /** `YYYY-MM-DD`. */
  readonly birthday?: string;
  /** Renames the contact. Needs a {@link MessageBase.signature} unless the proxy's operator says otherwise. */
  readonly newEmail?: string;
  /** By name. `"++5"` and `"--5"` add to and subtract from a number. */
  readonly customFields?: Readonly<Record<string, string>>;
  /** Names; united with the tags that the contact has. */
  readonly tags?: readonly string[];
}

/** What every message carries, stamped when the page called. */
export interface MessageBase {
  /** `time36-tab-sequence` in `[0-9a-z-]`, at most 64 characters; never generated anew. */
  readonly id: string;
  /**
   * When the page called, in milliseconds since the epoch by the visitor's clock. The proxy wants a
   * time and judges nothing by it: clocks are wrong by years, and jump.
   */
  readonly at: number;
  /** Trimmed and lower-cased. */
  readonly email: string;
  /** Hex of HMAC-SHA256(secret, e-mail), made by the site's server. */
  readonly signature?: string;
}

/** Creates or updates a contact. */
export interface IdentifyMessage extends MessageBase {
  readonly type: 'identify';
  readonly traits: Traits;
}

/** Adds tags to and removes tags from an existing contact. */
export interface TrackMessage extends MessageBase {
  readonly type: 'track';
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
}

/** The unit that is stored, deduplicated and delivered. */
export type Message = IdentifyMessage | TrackMessage;

/** Messages that a page gave up since its last report. */
export interface Lost {
  /** Older than {@link MAX_AGE_MS} by the visitor's clock. */
  readonly expired: number;
  /** Pushed out by newer ones at the outbox's bounds. */
  readonly evicted: number;
}

/** The JSON of one request. */
export interface Envelope {
  readonly v: typeof PROTOCOL_VERSION;
  /** When the request was made, by the visitor's clock; like {@link MessageBase.at} never judged. */
  readonly sentAt: number;
  readonly lost?: Lost;
  readonly messages: readonly Message[];
}

/**
 * A call as the inline stub noted it: the page's own arguments, not yet parsed, as JSON copied them.
 * `call` is array-like without a length: `{"0":"identify","1":{…}}`.
 */
export type StubCall = readonly [id: string, at: number, call: Readonly<Record<string, unknown>>];

/**
 * What the stub beacons when the page leaves before the script came. It is too small to parse
 * commands, so the proxy reads the calls in order: an identify names the contact of those after it.
 * Where a page patched `toJSON`, a call may be the JSON text of what stands here.
 */
export interface StubEnvelope {
  readonly v: typeof PROTOCOL_VERSION;
  readonly calls: readonly StubCall[];
}

/** Why a proxy refuses one message. */
export type RefusalCode =
  /** The message's own shape is wrong. */
  | 'invalid'
  /** No e-mail could be found for it (stub calls only). */
  | 'unidentified'
  /** A tag is not among the proxy's `ALLOWED_TAGS`; nothing of the message is taken. */
  | 'tag_not_allowed'
  /** A custom field is not among the proxy's `ALLOWED_FIELDS`. */
  | 'field_not_allowed'
  /** newEmail, an increment, a protected tag, or any call where the operator requires signatures. */
  | 'signature_required'
  /** It is signed, but not for this address by one of the proxy's secrets. */
  | 'signature_wrong'
  /**
   * SendX itself said no. Only a proxy that does not store can know in time, and it tells nobody
   * unsigned what would say who is a contact.
   */
  | 'rejected';

/** The proxy's word on one message. */
export type Result =
  /** Durable; or already known, which is the same to the page. */
  | { readonly id: string; readonly status: 'accepted' | 'duplicate' }
  /** Will never be accepted; `message` is for people and names at most the tag or field. */
  | {
      readonly id: string;
      readonly status: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
    }
  /** Not now: keep it and send it again. */
  | { readonly id: string; readonly status: 'later' };

/** The JSON of a 202. */
export interface Receipt {
  readonly results: readonly Result[];
}

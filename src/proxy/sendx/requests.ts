import type {
  IdentifyContact,
  LegacyIdentifyRequest,
  LegacyTrackRequest,
  RestIdentifyRequest,
  RestTrackRequest,
  TagChange,
} from './models.ts';

/** One call to SendX, before it takes the shape of a surface. */
export type SendxCall =
  | { readonly type: 'identify'; readonly contact: IdentifyContact }
  | { readonly type: 'track'; readonly email: string; readonly change: TagChange };

/** Who calls. With a team id the legacy surface is meant, without one REST. */
export interface SendxCredentials {
  readonly apiKey: string;
  readonly teamId?: string;
}

/** One request on the wire; all are POST with a JSON body. */
export interface SendxRequest {
  /** Relative to the surface's base URL, without a leading slash. */
  readonly path: 'contact/identify' | 'contact/track';
  /** Not yet percent-encoded. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body:
    | LegacyIdentifyRequest
    | LegacyTrackRequest
    | RestIdentifyRequest
    | RestTrackRequest;
}

/** Where the legacy surface lives. */
export const LEGACY_BASE_URL = 'https://app.sendx.io/api/v1';

/** Where the REST surface lives. */
export const REST_BASE_URL = 'https://api.sendx.io/api/v1/rest';

/**
 * Gives a call the shape of its surface. Empty strings, lists and maps are left out, as SendX's own
 * clients do: how SendX takes them is not documented.
 */
export function toRequest(call: SendxCall, credentials: SendxCredentials): SendxRequest {
  const { apiKey, teamId } = credentials;
  const json = { accept: 'application/json', 'content-type': 'application/json' };
  const path = `contact/${call.type}` as const;

  if (teamId === undefined) {
    const headers = { ...json, 'x-team-apikey': apiKey };
    const body =
      call.type === 'identify' ? given(call.contact) : { email: call.email, ...given(call.change) };
    return { path, query: {}, headers, body };
  }

  const headers = { ...json, api_key: apiKey };
  if (call.type === 'track') {
    const query = { team_id: teamId, email: call.email };
    return { path, query, headers, body: given(call.change) };
  }
  const { lists: _, ...contact } = call.contact;
  return { path, query: { team_id: teamId }, headers, body: given(contact) };
}

const given = <T extends object>(properties: T): T =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => !isEmpty(value))) as T;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

import type { Contact } from './contacts.ts';
import type { Rules } from './rules.ts';

/** What SendX knows a team by. */
export interface Credentials {
  readonly apiKey: string;
  readonly teamId: string;
}

/** One of the two ways in; the contacts behind them are the same. */
export interface Surface {
  readonly name: 'legacy' | 'rest';
  /** The path before every route, such as `/contact/identify`. */
  readonly root: string;
  /** Whether a request may act for the team. */
  authorises(headers: Headers, query: URLSearchParams, credentials: Credentials): boolean;
  /** Where track names its contact. */
  trackEmail(query: URLSearchParams, body: unknown): unknown;
  /** The body after an identify, without status and message. */
  identified(contact: Contact, rules: Rules): object;
  /** The body after a track, without status and message. */
  readonly tracked: object;
}

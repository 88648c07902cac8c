import type { RefusalCode } from '../protocol.ts';
import { attempt } from './attempt.ts';

/** Why the snippet itself gave a call up. */
export type DropReason =
  /** The call's arguments; `detail` says where. */
  | 'invalid'
  /** Over 8 KiB. */
  | 'too_large'
  /** The visitor, or Global Privacy Control, said no. */
  | 'consent'
  /** Older than 7 days. */
  | 'expired'
  /** Pushed out by newer messages at the outbox's bounds. */
  | 'evicted'
  /** Held without a contact when the page called reset. */
  | 'reset'
  /**
   * The proxy understands no such request (413 of a single message, or any 4xx but 401, 403, 404,
   * 408, 425 and 429).
   */
  | 'rejected';

/** Why nothing arrives at present; what is stored stays stored. */
export type ErrorReason =
  /** Nobody answered, or the page may not read it, as where its site is not allowed; tried again. */
  | 'network'
  /** 408, 425, 429, 5xx, or an answer that is no receipt of ours; tried again. */
  | 'unavailable'
  /** 401, 403 or 404: a misconfiguration; nothing more is tried on this page. */
  | 'misconfigured';

/** What became of a call. The first four are steps on its way. */
export type EventName =
  /** The page called; `detail` is what it said. */
  | 'called'
  /** It waits for an identify. */
  | 'held'
  /** It is kept, and will be sent. */
  | 'stored'
  /** A request took it along. */
  | 'sent'
  /** It is on the proxy's disk. */
  | 'accepted'
  /** The proxy will never take it. */
  | 'refused'
  /** The snippet gave it up. */
  | 'dropped'
  /** Nothing arrives at present; all is kept. */
  | 'error';

/** Why: one closed union. */
export type Reason = DropReason | ErrorReason | RefusalCode | 'duplicate';

/** The one argument of listeners and of `success` and `failure`. */
export interface SendxEvent {
  readonly event: EventName;
  /** Of the message; absent where no message was made. */
  readonly id?: string | undefined;
  readonly reason?: Reason | undefined;
  /** `called`: the page's arguments. `invalid`: a {@link Problem}. `refused`: a sentence. `error`: the HTTP status or the exception. */
  readonly detail?: unknown;
}

/** Hears events. What it throws is ignored. */
export type Listener = (event: SendxEvent) => void;

/** Announces what became of a call. */
export type Emit = (
  event: EventName,
  id?: string | undefined,
  reason?: Reason | undefined,
  detail?: unknown,
) => void;

/** Tells listeners what became of calls. */
export interface Events {
  /**
   * @param key - An event's name, `*` for all, or a name behind an id for one message alone.
   */
  on(key: string, listener: unknown): void;
  readonly emit: Emit;
}

/** A listener that throws harms neither the page nor the next listener. */
export function createEvents(): Events {
  const listeners = new Map<string, unknown[]>();
  return {
    on(key, listener) {
      if (listener) listeners.set(key, [...(listeners.get(key) || []), listener]);
    },
    emit(event, id, reason, detail) {
      for (const key of ['*', event, id + event])
        for (const listener of listeners.get(key) || [])
          attempt(() => (listener as Listener)({ event, id, reason, detail }));
    },
  };
}

import type { ErrorReason, SendxEvent } from '../events.ts';

/** Where a call is. The last four are its end. */
export type Step =
  | 'done'
  | 'held'
  | 'stored'
  | 'sent'
  | 'accepted'
  | 'duplicate'
  | 'refused'
  | 'dropped';

/** One call, and what became of it so far. */
export interface CallRow {
  readonly id: string;
  /** `undefined` for a message of an earlier page or another tab. */
  readonly name: unknown;
  readonly payload: unknown;
  readonly step: Step;
  /** Of a refusal, a drop or a failed attempt. */
  readonly reason?: SendxEvent['reason'];
  readonly detail?: unknown;
}

/** All that the events tell. */
export interface CallLog {
  /** Oldest first. */
  readonly rows: readonly CallRow[];
  /** The last attempt failed so; `undefined` once something was answered again. */
  readonly trouble: { readonly reason: ErrorReason; readonly status: unknown } | undefined;
}

/** Folds events into one row for each call. */
export function readCalls(events: readonly SendxEvent[]): CallLog {
  const rows = new Map<string, CallRow>();
  let trouble: CallLog['trouble'];
  for (const { event, id = '', reason, detail } of events) {
    if (event === 'called') {
      const { 0: name, 1: payload } = detail as ArrayLike<unknown>;
      rows.set(id, { id, name, payload, step: 'done' });
    } else if (event === 'error') {
      trouble = { reason: reason as ErrorReason, status: detail };
      for (const row of rows.values())
        if (row.step === 'sent') rows.set(row.id, { ...row, step: 'stored', reason });
    } else {
      const row = rows.get(id) ?? { id, name: undefined, payload: undefined };
      const step = reason === 'duplicate' ? reason : event;
      rows.set(id, { ...row, step, reason, detail });
      if (/accepted|refused/.test(event)) trouble = undefined;
    }
  }
  return { rows: [...rows.values()], trouble };
}

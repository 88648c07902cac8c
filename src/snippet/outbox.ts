import { MAX_AGE_MS, type Message, type Traits } from '../protocol.ts';
import type { DropReason } from './events.ts';
import { decode } from './json.ts';
import type { Storage } from './storage.ts';

/** Messages kept, and {@link SLACK} at most more: days of a normal visitor's calls. */
export const MAX_KEPT = 100;

/**
 * So many more before a call looks for what to give up, as long as the bytes allow. Were it none, each
 * of 1,000 small calls in one task would look through all that is kept: 0.7 ms a call instead of 0.2
 * (Chromium 156).
 */
const SLACK = 10;

/** Bytes kept at most, in UTF-8: about 1 % of what a site may store, so that the host never starves. */
export const MAX_KEPT_BYTES = 64 * 1024;

/** Storage key of what {@link Outbox.report} counts. */
const LOST = 'lost';

/** A message whose contact may not be known yet. */
export type Draft = Omit<Message, 'email'> & {
  readonly email?: string;
  /** Of an identify. */
  readonly traits?: Traits;
};

/** One message on its way. */
export interface Entry {
  /** Storage key; the message's id, unless it was held first. Keys sort in the order of calls. */
  readonly key: string;
  /** The message's JSON. */
  readonly text: string;
  readonly draft: Draft;
  /** Of `text`, in UTF-8. */
  readonly bytes: number;
}

/** Messages not yet settled: this page's, and what other pages left. */
export interface Outbox {
  /** Keys in flight, or given to a beacon, which tells nothing: they are not given up. */
  readonly busy: Set<string>;
  /** One key a message: no list is shared, so tabs never overwrite each other. */
  add(key: string, text: string): void;
  remove(entry: Entry): void;
  /**
   * In order, so that what an earlier page could not send goes first; what is still in its flight
   * goes twice. Gives up what is over the bounds: the oldest track first, the latest identify never.
   */
  entries(): Entry[];
  /**
   * How many were given up and not yet reported, `more` added: as one integer, evicted ones in the
   * lower 16 bits, expired ones above.
   */
  report(more: number): number;
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length;

/**
 * @param drop - Hears what was given up, and why.
 */
export function createOutbox(
  storage: Storage,
  drop: (id: string, reason: DropReason) => void,
  now: () => number,
): Outbox {
  const busy = new Set<string>();
  let count = 0;
  let size = 0;

  const remove = ({ key }: Entry) => storage.remove(key);
  const report = (more: number) => {
    // The operator makes a number of a text too, and 0 of none.
    const lost = Math.max(((storage.get(LOST) as unknown as number) | 0) + more, 0);
    if (lost) storage.set(LOST, `${lost}`);
    else storage.remove(LOST);
    return lost;
  };
  const giveUp = (entry: Entry, reason: 'expired' | 'evicted') => {
    remove(entry);
    report(reason === 'evicted' ? 1 : 65536);
    drop(entry.draft.id, reason);
  };
  const entries = (): Entry[] => {
    let kept: Entry[] = [];
    for (const key of storage.keys()) {
      // `time36-tab-sequence`; other keys of ours hold no dash.
      if (!/-/.test(key)) continue;
      const text = storage.get(key) as string;
      const draft = decode(text) as Draft | undefined;
      const age = now() - (draft?.at as number);
      const entry = { key, text, draft, bytes: byteLength(text) } as Entry;
      // Another tab settled it meanwhile, or somebody else wrote it.
      if (!draft?.id || Number.isNaN(age)) remove(entry);
      else if (age > MAX_AGE_MS && !storage.own(key)) giveUp(entry, 'expired');
      else kept.push(entry);
    }
    for (;;) {
      count = kept.length;
      size = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      const idle = kept.filter(({ key }) => !busy.has(key));
      const victim = idle.find(({ draft }) => draft.type === 'track') || (idle[1] && idle[0]);
      if ((count <= MAX_KEPT && size <= MAX_KEPT_BYTES) || !victim) return kept;
      giveUp(victim, 'evicted');
      kept = kept.filter((entry) => entry !== victim);
    }
  };

  return {
    add(key, text) {
      storage.set(key, text);
      size += byteLength(text);
      if (++count > MAX_KEPT + SLACK || size > MAX_KEPT_BYTES) entries();
    },
    busy,
    report,
    remove,
    entries,
  };
}

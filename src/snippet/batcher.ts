import { PROTOCOL_VERSION, type Result } from '../protocol.ts';
import type { Emit, Reason } from './events.ts';
import type { Draft, Entry, Outbox } from './outbox.ts';
import { advise, backoff, MAX_PAUSE_MS } from './retry.ts';
import type { Storage } from './storage.ts';
import type { Outcome, Transport } from './transport.ts';

/** Messages in one request at most. */
const MAX_BATCH = 50;

/** Bytes of messages in one request (16 KiB less the envelope): a quarter of a page's keepalive. */
const MAX_BATCH_BYTES = 16 * 1024 - 128;

/** Calls within a second of the last request travel together. */
const WINDOW_MS = 1000;

/** Storage key of the time before which no tab and no page tries again. */
const DUE = 'due';

/** Decides when messages leave, and how many. */
export interface Batcher {
  /** A message was added. `urgent`: the page may be about to leave. */
  schedule(urgent: boolean): void;
  /** Now, unless a request is under way or the proxy asked for patience. */
  flush(): void;
  /**
   * In view again, or online: what beacons took and what the network refused is tried again; back
   * from the back/forward cache (`cached`) also what was under way.
   */
  resume(cached?: boolean): void;
  /**
   * The page may never come back: what no request has taken yet goes by beacon, behind what one has
   * taken. A beacon may overtake a request, and a track without its identify finds no contact.
   */
  leave(): void;
}

/** What the batcher works with. */
export interface BatcherParts {
  readonly outbox: Outbox;
  readonly storage: Storage;
  readonly transport: Transport;
  /** `false` while nothing may leave: no consent, no endpoint, a page prerendered. */
  readonly open: () => boolean;
  readonly emit: Emit;
  /** Hears what the proxy refused. */
  readonly refused: (draft: Draft) => void;
  readonly now: () => number;
  readonly random: () => number;
}

/** What becomes of a message after an answer. */
type Fate = { status: Result['status'] | 'dropped'; code?: Reason; message?: string };

/** One request at a time, so that a tab's messages never overtake each other. */
export function createBatcher(parts: BatcherParts): Batcher {
  // `open` is shut for good where the proxy says that the page is misconfigured.
  let { outbox, storage, transport, open, emit, refused, now, random } = parts;
  const { busy } = outbox;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What the request under way took along: the answer to any other is no longer waited for. */
  let flight: readonly Entry[] | undefined;
  let limit = MAX_BATCH;
  let failures = 0;
  let started = 0;
  /** The due time that this page set where nobody answered: no wish of the proxy's. */
  let ours: string | undefined;

  const ready = () => outbox.entries().filter(({ draft }) => draft.email);
  const take = (count: number, room: number): Entry[] => {
    // What beacons took goes again: they tell nothing, and offline they are lost.
    busy.clear();
    const taken = ready().filter(({ bytes }) => {
      // Neither comes back: what is smaller does not overtake what did not fit.
      room -= bytes + 1;
      return count-- > 0 && room > 0;
    });
    for (const { key } of taken) busy.add(key);
    return taken;
  };
  const envelope = (batch: readonly Entry[], lost = 0) =>
    `{"v":${PROTOCOL_VERSION},"sentAt":${now()},"lost":{"expired":${lost >> 16},"evicted":${lost & 65535}},"messages":[${batch.map(
      ({ text }) => text,
    )}]}`;
  const wait = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  };

  const schedule = (urgent: boolean) => {
    const rest = started + WINDOW_MS - now();
    // Beyond the window the clock was set back.
    if (urgent || rest < 0 || rest > WINDOW_MS) queueMicrotask(flush);
    else wait(rest);
  };

  const apply = (batch: readonly Entry[], lost: number, outcome: Outcome) => {
    const { status, results = [], afterMs } = outcome;
    const advice = advise(status);
    const hopeless = advice === 'drop' || (advice === 'split' && batch.length < 2);
    busy.clear();
    const left = batch.filter((entry) => {
      const { id } = entry.draft;
      const fate: Fate | undefined = hopeless
        ? { status: 'dropped', code: 'rejected' }
        : results.find((one) => one?.id === id);
      const { status: word = 'later', code, message } = fate || {};
      if (word === 'later') return true;
      outbox.remove(entry);
      if (word === 'refused') refused(entry.draft);
      if (word === 'duplicate') emit('accepted', id, word);
      else emit(word, id, code, message);
      return false;
    });
    flight = undefined;
    if (results[0]) outbox.report(-lost);
    if (!left.length) {
      failures = 0;
      storage.remove(DUE);
      schedule(batch.length >= limit);
      limit = MAX_BATCH;
    } else if (advice === 'split') {
      limit = batch.length >> 1;
      flush();
    } else if (advice === 'stop') {
      // Asked all the same: another tab's denial has to reach this page too.
      const ask = open;
      open = () => ask() && false;
      emit('error', undefined, 'misconfigured', status);
    } else {
      const due = `${now() + (afterMs || backoff(++failures, random()))}`;
      if (!status) ours = due;
      storage.set(DUE, due);
      emit('error', undefined, status ? 'unavailable' : 'network', status);
      flush();
    }
  };

  function flush(): void {
    if (!open() || flight) return;
    const pause = Number(storage.get(DUE)) - now();
    if (pause > 0 && pause <= MAX_PAUSE_MS) {
      wait(pause);
      return;
    }
    // Past, or of a clock that was moved.
    storage.remove(DUE);
    const batch = take(limit, MAX_BATCH_BYTES);
    if (!batch[0]) return;
    const lost = outbox.report(0);
    flight = batch;
    started = now();
    for (const { draft } of batch) emit('sent', draft.id);
    transport.send(envelope(batch, lost), (outcome) => {
      if (batch === flight) apply(batch, lost, outcome);
    });
  }

  /** @param count - So many at first; half as many after each refusal, so that none overtakes. */
  const beacon = (batch: readonly Entry[], count = batch.length): void => {
    if (!count) for (const { key } of batch) busy.delete(key);
    else if (transport.beacon(envelope(batch.slice(0, count)))) beacon(batch.slice(count));
    else beacon(batch, count >> 1);
  };

  return {
    schedule,
    flush,
    resume(cached) {
      // WebKitGTK 2.50 never settles a fetch whose page went into the cache meanwhile.
      if (cached) flight = undefined;
      if (storage.get(DUE) === ours) storage.remove(DUE);
      flush();
    },
    leave() {
      if (open() && ready().some(({ key }) => !busy.has(key)))
        beacon(take(2 * MAX_BATCH, 3 * MAX_BATCH_BYTES));
    },
  };
}

import { PROTOCOL_VERSION, type Result } from '../protocol.ts';
import type { Emit, Reason } from './events.ts';
import { type Entry, LOST, type Outbox } from './outbox.ts';
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
  /** In view again, or online: what beacons took and what the network refused is tried again. */
  resume(): void;
  /** The page may never come back: everything that is not in flight goes by beacon. */
  leave(): void;
}

/** What the batcher works with. */
export interface BatcherParts {
  readonly outbox: Outbox;
  /** Keys in flight, or given to a beacon, which tells nothing. */
  readonly busy: Set<string>;
  readonly storage: Storage;
  readonly transport: Transport;
  /** `false` while nothing may leave: no consent, no endpoint, a page prerendered. */
  readonly open: () => boolean;
  readonly emit: Emit;
  readonly now: () => number;
  readonly random: () => number;
}

/** What becomes of a message after an answer. */
type Fate = { id: string; status: Result['status'] | 'dropped'; code?: Reason; message?: string };

/** One request at a time, so that a tab's messages never overtake each other. */
export function createBatcher(parts: BatcherParts): Batcher {
  const { outbox, busy, storage, transport, open, emit, now, random } = parts;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: 'idle' | 'sending' | 'stopped' = 'idle';
  let limit = MAX_BATCH;
  let failures = 0;
  let started = 0;
  /** The due time that this page set where nobody answered: no wish of the proxy's. */
  let ours: string | undefined;

  const take = (count: number, room: number): Entry[] => {
    const taken = outbox.entries().filter(({ key, draft, bytes }) => {
      if (!draft.email || busy.has(key)) return false;
      // Neither comes back: what is smaller does not overtake what did not fit.
      room -= bytes + 1;
      return count-- > 0 && room > 0;
    });
    for (const { key } of taken) busy.add(key);
    return taken;
  };
  const envelope = (batch: readonly Entry[], lost = 0) =>
    `{"v":${PROTOCOL_VERSION},"sentAt":${now()}${lost > 0 ? `,"lost":{"expired":${lost >> 16},"evicted":${lost & 65535}}` : ''},"messages":[${batch.map(
      ({ text }) => text,
    )}]}`;
  const given = () => Number(storage.get(LOST)) | 0;
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

  /** @returns How many of the batch are settled. */
  const settle = (batch: readonly Entry[], fates: readonly Fate[]) =>
    batch.filter((entry) => {
      const fate = fates.find((one) => one?.id === entry.draft.id);
      if (!fate || fate.status === 'later') return false;
      outbox.remove(entry);
      const { id, status, code, message } = fate;
      if (status === 'duplicate') emit('accepted', id, status);
      else emit(status, id, code, message);
      return true;
    }).length;

  const apply = (batch: readonly Entry[], lost: number, outcome: Outcome) => {
    const { status, results = [], afterMs } = outcome;
    const advice = advise(status);
    const half = batch.length >> 1;
    state = 'idle';
    busy.clear();
    const hopeless = advice === 'drop' || (advice === 'split' && !half);
    const fates: readonly Fate[] = hopeless
      ? batch.map(({ draft }) => ({ id: draft.id, status: 'dropped', code: 'rejected' }))
      : results;
    if (settle(batch, fates) === batch.length) {
      failures = 0;
      storage.remove(DUE);
      const rest = given() - (hopeless ? 0 : lost);
      if (rest > 0) storage.set(LOST, `${rest}`);
      else storage.remove(LOST);
      schedule(batch.length >= limit);
      limit = MAX_BATCH;
    } else if (advice === 'split') {
      limit = half;
      flush();
    } else if (advice === 'stop') {
      state = 'stopped';
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
    if (state !== 'idle' || !open()) return;
    const pause = Number(storage.get(DUE)) - now();
    if (pause > 0 && pause <= MAX_PAUSE_MS) {
      wait(pause);
      return;
    }
    // Past, or of a clock that was moved.
    storage.remove(DUE);
    // What beacons took goes again: they tell nothing, and offline they are lost.
    busy.clear();
    const batch = take(limit, MAX_BATCH_BYTES);
    if (!batch.length) return;
    const lost = given();
    state = 'sending';
    started = now();
    for (const { draft } of batch) emit('sent', draft.id);
    transport.send(envelope(batch, lost), (outcome) => apply(batch, lost, outcome));
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
    resume() {
      if (storage.get(DUE) === ours) storage.remove(DUE);
      flush();
    },
    leave() {
      if (state !== 'stopped' && open()) beacon(take(2 * MAX_BATCH, 3 * MAX_BATCH_BYTES));
    },
  };
}

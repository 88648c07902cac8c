import { PROTOCOL_VERSION, type Result } from '../protocol.ts';
import type { Emit, Reason } from './events.ts';
import { type Entry, LOST, type Outbox } from './outbox.ts';
import { advise, backoff, MAX_PAUSE_MS } from './retry.ts';
import type { Storage } from './storage.ts';
import type { Transport } from './transport.ts';

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
  /** The due time is the network's fault, not the proxy's wish. */
  let unreachable = false;

  const take = (count: number, bytes: number): Entry[] => {
    const idle = outbox.entries().filter(({ key, draft }) => draft.email && !busy.has(key));
    const taken = idle.filter((entry, at) => (bytes -= entry.bytes + 1) > 0 && at < count);
    for (const { key } of taken) busy.add(key);
    return taken;
  };
  const free = (batch: readonly Entry[]) => {
    for (const { key } of batch) busy.delete(key);
  };
  const envelope = (batch: readonly Entry[], lost = '') =>
    `{"v":${PROTOCOL_VERSION},"sentAt":${now()},${lost && `"lost":${lost},`}"messages":[${batch.map(
      ({ text }) => text,
    )}]}`;
  const wait = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  };

  function flush(): void {
    if (state !== 'idle' || !open()) return;
    const pause = Number(storage.get(DUE)) - now();
    if (pause > 0 && pause <= MAX_PAUSE_MS) return wait(pause);
    const batch = take(limit, MAX_BATCH_BYTES);
    if (!batch.length) return;
    const lost = storage.get(LOST);
    state = 'sending';
    started = now();
    for (const { draft } of batch) emit('sent', draft.id);
    transport.send(envelope(batch, lost)).then(({ status, results, afterMs }) => {
      state = 'idle';
      // A broken fetch: the beacon's messages stay busy, later ones have their own turn.
      if (status < 0) return;
      free(batch);
      const advice = advise(status);
      const half = batch.length >> 1;
      const fates: readonly Fate[] =
        advice === 'drop' || (advice === 'split' && !half)
          ? batch.map(({ draft }) => ({ id: draft.id, status: 'dropped', code: 'rejected' }))
          : results || [];
      const settled = batch.filter((entry) => {
        const fate = fates.find((one) => one && one.id === entry.draft.id);
        if (!fate || fate.status === 'later') return false;
        outbox.remove(entry);
        const { id, code, message } = fate;
        if (fate.status === 'duplicate') emit('accepted', id, 'duplicate');
        else emit(fate.status, id, code, message);
        return true;
      });
      if (settled.length === batch.length) {
        failures = 0;
        storage.remove(DUE);
        if (storage.get(LOST) === lost) storage.remove(LOST);
        wait(batch.length < limit ? started + WINDOW_MS - now() : 0);
        limit = MAX_BATCH;
      } else if (advice === 'split') {
        limit = half;
        flush();
      } else if (advice === 'stop') {
        state = 'stopped';
        emit('error', undefined, 'misconfigured', status);
      } else {
        unreachable = !status;
        storage.set(DUE, `${now() + (afterMs || backoff(++failures, random()))}`);
        emit('error', undefined, status ? 'unavailable' : 'network', status);
        flush();
      }
    });
  }

  const beacon = (batch: readonly Entry[]): void => {
    const half = batch.length >> 1;
    if (!batch.length || transport.beacon(envelope(batch))) return;
    if (!half) return free(batch);
    beacon(batch.slice(0, half));
    beacon(batch.slice(half));
  };

  return {
    schedule(urgent) {
      const rest = started + WINDOW_MS - now();
      if (urgent || rest < 0 || rest > WINDOW_MS) Promise.resolve().then(flush);
      else wait(rest);
    },
    flush,
    resume() {
      if (unreachable) storage.remove(DUE);
      if (state === 'idle') busy.clear();
      flush();
    },
    leave() {
      if (state !== 'stopped' && open()) beacon(take(2 * MAX_BATCH, 3 * MAX_BATCH_BYTES));
    },
  };
}

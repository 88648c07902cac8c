import type { Gate } from '../../../src/proxy/outbox/outbox.ts';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import { done, holdsIncrement, track } from '../../proxy/outbox/scripted.ts';

/** Messages of one append, as of one page's request. */
const BATCH = 10;

/** Messages of one append while it is filled: a million shall not wait for many disks' turns. */
const FILL = 20_000;

/** Appends under way at a time, and deliveries. */
const PARALLEL = 64;

/** An outbox in which as many messages wait before each round as after it. */
export interface SteadyStore {
  /** Appends so many messages; resolves to how many a second. */
  append(messages: number): Promise<number>;
  /** Delivers so many to nobody; resolves to how many a second. */
  drain(messages: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens one with `waiting` messages of `contacts` contacts in it. */
export async function openSteadyStore(
  path: string,
  waiting: number,
  contacts: number,
): Promise<SteadyStore> {
  const outbox = await createSqliteOutbox({
    path,
    holdsIncrement,
    maxRows: 2 * waiting + 100_000,
    maxBytes: 2 ** 34,
  });
  let made = 0;
  const next = () => {
    const email = `contact${Math.floor(made / BATCH) % contacts}@example.com`;
    made += 1;
    return track(`mhx3k2a1-${made.toString(36).padStart(8, '0')}-0`, email);
  };
  const appendSome = (count: number) => outbox.append(Array.from({ length: count }, next));
  const append = async (messages: number) => {
    const from = performance.now();
    let left = messages;
    const worker = async () => {
      for (; left > 0; await appendSome(BATCH)) left -= BATCH;
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return messages / ((performance.now() - from) / 1_000);
  };
  for (; made < waiting; ) await appendSome(Math.min(FILL, waiting - made));
  const gate = createTurnstile();
  const running = outbox.run(async () => done, gate);
  return {
    append,
    async drain(messages) {
      const { waiting: before } = await outbox.stats();
      const from = performance.now();
      await gate.pass(messages);
      // Settled: the last acknowledgements are on disk.
      while ((await outbox.stats()).waiting > before - messages)
        await new Promise((resolve) => setImmediate(resolve));
      return messages / ((performance.now() - from) / 1_000);
    },
    async close() {
      await outbox.close(0);
      await running;
    },
  };
}

/** A gate that lets through as many as it is told to. */
function createTurnstile(): Gate & { pass(count: number): Promise<void> } {
  let left = 0;
  let inside = 0;
  let wake = () => {};
  let emptied = () => {};
  return {
    async enter(signal) {
      while ((left <= 0 || inside === PARALLEL) && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = go;
          signal.addEventListener('abort', go);
          function go(): void {
            signal.removeEventListener('abort', go);
            resolve();
          }
        });
      signal.throwIfAborted();
      left -= 1;
      inside += 1;
      return {
        leave(verdict) {
          inside -= 1;
          if (verdict === undefined) left += 1;
          if (left + inside === 0) emptied();
          wake();
        },
      };
    },
    pass(count) {
      left = count;
      const all = new Promise<void>((resolve) => {
        emptied = resolve;
      });
      wake();
      return all;
    },
  };
}

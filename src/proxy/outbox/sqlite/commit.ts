import { OutboxFull } from '../outbox.ts';
import { type Database, resultCode, SQLITE_FULL } from './database.ts';
import type { Ledger } from './ledger.ts';

// Bounds one transaction, and with it the write-ahead log, when a thousand requests arrive at once.
const MAX_WRITES = 128;

/**
 * Writes within the next shared transaction: all writes of one turn of the event loop cost one
 * fsync. `write` may run again after a rollback; it may refuse by throwing {@link OutboxFull}
 * before it has written anything. `committed` runs right after the commit, before any promise
 * resolves, so that memory and file never disagree where others can see it.
 */
export interface Commit {
  <T>(write: () => T, committed?: (value: T) => void): Promise<T>;
  /** Resolves once all writes so far are committed; later ones are rejected. */
  close(): Promise<void>;
}

interface Write {
  run(): void;
  committed(): void;
  failed(error: unknown): void;
}

/** Joins writes into transactions. */
export function createCommit(
  database: Database,
  ledger: Ledger,
  /** Called when SQLite says that the disk is full, before the writes are tried one by one. */
  onFull: () => void,
): Commit {
  let queue: Write[] = [];
  let closed = false;

  function transaction(writes: readonly Write[]): void {
    const done: Write[] = [];
    const refused = new Map<Write, OutboxFull>();
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const write of writes) {
        try {
          write.run();
          done.push(write);
        } catch (error) {
          if (!(error instanceof OutboxFull)) throw error;
          refused.set(write, error);
        }
      }
      if (done.length > 0) ledger.save();
      database.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some errors, SQLITE_FULL among them.
      if (database.inTransaction) database.exec('ROLLBACK');
      ledger.reload();
      throw error;
    }
    for (const write of done) write.committed();
    for (const [write, error] of refused) write.failed(error);
  }

  function flush(): void {
    const writes = queue.slice(0, MAX_WRITES);
    queue = queue.slice(MAX_WRITES);
    if (queue.length > 0) setImmediate(flush);
    try {
      transaction(writes);
    } catch (error) {
      if (resultCode(error) === SQLITE_FULL) onFull();
      for (const write of writes) {
        try {
          transaction([write]);
        } catch (failure) {
          write.failed(failure);
        }
      }
    }
  }

  function commit<T>(write: () => T, committed?: (value: T) => void): Promise<T> {
    if (closed) return Promise.reject(new Error('outbox: closed; nothing was written'));
    return new Promise((resolve, reject) => {
      let settle = () => {};
      queue.push({
        run() {
          const value = write();
          settle = () => {
            committed?.(value);
            resolve(value);
          };
        },
        committed: () => settle(),
        failed: reject,
      });
      if (queue.length === 1) setImmediate(flush);
    });
  }

  commit.close = () => {
    const flushed = commit(() => {}).catch(() => {});
    closed = true;
    return flushed;
  };
  return commit;
}

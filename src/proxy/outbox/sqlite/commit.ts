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
  let isClean = true;

  /** Leaves a transaction that failed, and the entries that it had changed. */
  function clean(): void {
    if (isClean) return;
    // SQLite has rolled back by itself after some errors, SQLITE_FULL among them.
    if (database.inTransaction) database.exec('ROLLBACK');
    ledger.reload();
    isClean = true;
  }

  /** Writes all or nothing; returns what each write has to be told. */
  function transaction(writes: readonly Write[]): readonly (() => void)[] {
    clean();
    isClean = false;
    try {
      database.exec('BEGIN IMMEDIATE');
      const words = writes.map(attempt);
      if (words.some(({ isDone }) => isDone)) ledger.save();
      database.exec('COMMIT');
      isClean = true;
      return words.map(({ tell }) => tell);
    } catch (error) {
      try {
        clean();
      } catch {
        // The next transaction begins with it.
      }
      throw error;
    }
  }

  function attempt(write: Write): { readonly isDone: boolean; readonly tell: () => void } {
    try {
      write.run();
      return { isDone: true, tell: write.committed };
    } catch (error) {
      if (!(error instanceof OutboxFull)) throw error;
      return { isDone: false, tell: () => write.failed(error) };
    }
  }

  function flush(): void {
    const writes = queue.slice(0, MAX_WRITES);
    queue = queue.slice(MAX_WRITES);
    if (queue.length > 0) setImmediate(flush);
    for (const tell of written(writes)) tell();
  }

  function written(writes: readonly Write[]): readonly (() => void)[] {
    try {
      return transaction(writes);
    } catch (error) {
      if (resultCode(error) === SQLITE_FULL) onFull();
      return writes.flatMap((write) => {
        try {
          return transaction([write]);
        } catch (failure) {
          return [() => write.failed(failure)];
        }
      });
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
            try {
              committed?.(value);
              resolve(value);
            } catch (error) {
              reject(error);
            }
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

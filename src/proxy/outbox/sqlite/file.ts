import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import {
  type Database,
  type Driver,
  openDatabase,
  resultCode,
  SQLITE_BUSY,
  SQLITE_NOTADB,
} from './database.ts';

/** A store's file, held by this process alone. */
export interface StoreFile {
  readonly database: Database;
  /** Lets the file grow to `bytes` at most; what would need more fails with `SQLITE_FULL`. */
  limit(bytes: number): void;
  /** Closes the file and lets another process have it. */
  release(): void;
}

/**
 * Opens or creates a store for this process alone: contacts are personal data, so the file is
 * readable by its owner only, as is a folder made for it.
 *
 * @throws {Error} when another process holds the file, or when it is not a store.
 */
export async function openStoreFile(path: string, driver?: Driver): Promise<StoreFile> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives its side files the mode of the main file. An existing file is not opened here:
  // closing any descriptor of it would drop the POSIX locks that this process holds on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const owner = `${path}-owner`;
  const database = await openDatabase(path, driver);
  try {
    configure(database);
  } catch (error) {
    database.close();
    throw refusal(error, path, owner);
  }
  writeFileSync(owner, `process ${process.pid}`, { mode: 0o600 });
  return {
    database,
    limit(bytes) {
      const row = database.prepare<{ page_size: number }>('PRAGMA page_size').get();
      const pages = Math.floor(bytes / (row?.page_size ?? 4096));
      database.prepare(`PRAGMA max_page_count = ${pages}`).all();
    },
    release() {
      rmSync(owner, { force: true });
      unlock(database);
      database.close();
    },
  };
}

function configure(database: Database): void {
  // Exclusive before the first access: the log's index then lives in memory, not in a shared file.
  for (const pragma of [
    'locking_mode = EXCLUSIVE',
    'journal_mode = WAL',
    // The log is synced at every commit, so that 202 survives a power cut.
    'synchronous = FULL',
    'secure_delete = ON',
    'cache_size = -16384',
  ]) {
    database.prepare(`PRAGMA ${pragma}`).all();
  }
  // Takes the lock now, and not at the first write.
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

/** libsql keeps a closed connection, and its lock, until its statements are garbage-collected. */
function unlock(database: Database): void {
  try {
    for (const pragma of ['journal_mode = DELETE', 'locking_mode = NORMAL', 'user_version']) {
      database.prepare(`PRAGMA ${pragma}`).all();
    }
  } catch {
    // A full disk: the log stays and is read at the next start, like after a crash.
  }
}

function refusal(error: unknown, path: string, owner: string): unknown {
  switch (resultCode(error)) {
    case SQLITE_BUSY:
      return new Error(
        `outbox: ${path} is in use by ${holder(owner)}; one process delivers from a file, or ` +
          'messages would be sent twice and out of order. This one does not start: stop the other, ' +
          'or give each its own file, or share PostgreSQL.',
        { cause: error },
      );
    case SQLITE_NOTADB:
      return new Error(
        `outbox: ${path} is not a store: expected an SQLite file or none. This proxy does not ` +
          'start; name another file.',
        { cause: error },
      );
    default:
      return error;
  }
}

function holder(owner: string): string {
  try {
    return readFileSync(owner, 'utf8');
  } catch {
    return 'another process';
  }
}

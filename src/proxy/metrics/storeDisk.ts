import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a store on disk takes and may still take, in bytes. */
export interface StoreDisk {
  /** The database and its log. */
  readonly used: number;
  /** Free on its file system, for a user without privileges. */
  readonly free: number;
}

/** Measures the SQLite store at `path`. */
export async function readStoreDisk(path: string): Promise<StoreDisk> {
  const sizeOf = (file: string) =>
    stat(file).then(
      ({ size }) => size,
      // There is no log right after a checkpoint that truncated it, nor before the first message.
      () => 0,
    );
  const [database, log, { bavail, bsize }] = await Promise.all([
    sizeOf(path),
    sizeOf(`${path}-wal`),
    statfs(dirname(path)),
  ]);
  return { used: database + log, free: bavail * bsize };
}

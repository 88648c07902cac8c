import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a store on disk takes and may still take, in bytes. */
export interface StoreDisk {
  /** The database, its log, and what is set aside for a full disk. */
  readonly used: number;
  /** Free on its file system, for a user without privileges. */
  readonly free: number;
}

/**
 * Measures the SQLite store at `path`.
 *
 * @throws {Error} Node's own when its files or their disk cannot be looked at.
 */
export async function readStoreDisk(path: string): Promise<StoreDisk> {
  const [database, log, reserve, { bavail, bsize }] = await Promise.all([
    sizeOf(path),
    sizeOf(`${path}-wal`),
    sizeOf(`${path}-reserve`),
    statfs(dirname(path)),
  ]);
  return { used: database + log + reserve, free: bavail * bsize };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    // No log right after a checkpoint that truncated it, nor before the first message, and no
    // reserve while the disk is full.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

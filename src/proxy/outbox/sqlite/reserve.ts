import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import type { Clock } from '../clock.ts';

/** Disk space set aside, so that what waits can still be delivered and deleted on a full disk. */
export interface Reserve {
  /** Whether the space is set aside; tries to take it again if not, at most every few seconds. */
  held(): boolean;
  /** Gives the space to the database. */
  release(): void;
}

// An attempt writes the whole reserve: not for each of a thousand refused requests a second.
const RETAKE_MS = 5_000;

// More than what file systems compress or deduplicate by, 128 KiB at most by default, and little
// beside the process's memory.
const PIECE_BYTES = 1024 * 1024;

/** Sets `bytes` aside in a file of their own next to the store; 0 sets nothing aside. */
export function createReserve(path: string, bytes: number, clock: Clock): Reserve {
  let triedAt = Number.NEGATIVE_INFINITY;
  let held = false;

  function take(): boolean {
    if (bytes === 0 || statSync(path, { throwIfNoEntry: false })?.size === bytes) return true;
    try {
      const file = openSync(path, 'w', 0o600);
      try {
        // Random, since a file system that compresses would set nothing aside for zeros.
        const piece = randomFillSync(new Uint8Array(Math.min(bytes, PIECE_BYTES)));
        for (let left = bytes; left > 0; left -= piece.length) {
          writeSync(file, piece, 0, Math.min(left, piece.length));
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return statSync(path).size === bytes;
    } catch {
      return false;
    }
  }

  return {
    held() {
      if (held || clock.elapsed() - triedAt < RETAKE_MS) return held;
      triedAt = clock.elapsed();
      held = take();
      if (!held) rmSync(path, { force: true });
      return held;
    },
    release() {
      held = false;
      triedAt = clock.elapsed();
      rmSync(path, { force: true });
    },
  };
}

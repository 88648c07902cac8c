import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

/** Commits a second of a loop that writes so many bytes behind the last and waits for the disk. */
export function fsyncLoop(path: string, bytes: number, ms: number): number {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(bytes, 1);
  const from = performance.now();
  let count = 0;
  for (; performance.now() - from < ms; count += 1) {
    writeSync(file, block);
    fdatasyncSync(file);
  }
  closeSync(file);
  return count / ((performance.now() - from) / 1_000);
}

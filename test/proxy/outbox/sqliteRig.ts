import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outbox } from '../../../src/proxy/outbox/outbox.ts';
import { createSqliteOutbox, type SqliteOutboxOptions } from '../../../src/proxy/outbox/sqlite.ts';
import type { Rig } from './contract.ts';
import { holdsIncrement } from './scripted.ts';

/** A {@link Rig} in a folder of its own. */
export interface SqliteRig extends Rig {
  readonly path: string;
  open(options?: Partial<SqliteOutboxOptions>): Promise<Outbox>;
  /** What a kill at this moment would leave: a copy of file and log. Returns the copy's path. */
  crash(of?: string): string;
}

export function sqliteRig(base: Partial<SqliteOutboxOptions> = {}): SqliteRig {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  const path = join(folder, 'outbox.db');
  const opened: Outbox[] = [];
  let crashes = 0;
  return {
    path,
    async open(options) {
      const outbox = await createSqliteOutbox({
        path,
        holdsIncrement,
        reserveBytes: 64 * 1024,
        ...base,
        ...options,
      });
      opened.push(outbox);
      return outbox;
    },
    crash(of = path) {
      crashes += 1;
      const copy = join(folder, `crash-${crashes}.db`);
      for (const suffix of ['', '-wal']) copyFileSync(of + suffix, copy + suffix);
      return copy;
    },
    async dispose() {
      await Promise.all(opened.map((outbox) => outbox.close(0)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

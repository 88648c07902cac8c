import { mkdtempSync, rmSync } from 'node:fs';
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
}

export function sqliteRig(base: Partial<SqliteOutboxOptions> = {}): SqliteRig {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  const path = join(folder, 'outbox.db');
  const opened: Outbox[] = [];
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
    async dispose() {
      await Promise.all(opened.map((outbox) => outbox.close(0)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import {
  dead,
  emptied,
  gateOf,
  holdsIncrement,
  increment,
  retry,
  track,
  upstream,
} from './scripted.ts';
import { shiftedClock } from './shiftedClock.ts';

const MIB = 1024 * 1024;

/** A disk of 12 MiB, where the machine lets us have one. */
function mountDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder]);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

// Without the right to mount, the test of a file that may not grow covers the same error.
const disk = process.platform === 'linux' && process.getuid?.() === 0 ? mountDisk() : undefined;

function fill(name: string): void {
  for (const size of [MIB, 64 * 1024, 4096]) {
    for (let n = 0; ; n += 1) {
      try {
        writeFileSync(join(name, `filler-${size}-${n}`), Buffer.alloc(size));
      } catch {
        break;
      }
    }
  }
}

describe.skipIf(disk === undefined)('on a full disk', () => {
  const folder = disk ?? '';
  const path = join(folder, 'outbox.db');
  const open = (clock = shiftedClock()) =>
    createSqliteOutbox({ path, holdsIncrement, reserveBytes: 4 * MIB, clock });

  beforeAll(() => expect(statSync(folder).isDirectory()).toBe(true));
  // Lazily: libsql closes its file when it is garbage-collected.
  afterAll(() => {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes nothing, delivers and deletes everything, survives a restart, and recovers', async () => {
    const clock = shiftedClock();
    let outbox = await open(clock);
    const accepted: string[] = [];
    const append = async (batch: string) => {
      const messages = Array.from({ length: 50 }, (_, n) => track(`${batch}-${n}`, `${n}@x.io`));
      await outbox.append([...messages, increment(`${batch}-i`, 'i@x.io')]);
      accepted.push(...messages.map(({ id }) => id), `${batch}-i`);
    };
    for (let batch = 0; batch < 10; batch += 1) await append(`early${batch}`);
    fill(folder);
    let refusal: unknown;
    for (let batch = 0; refusal === undefined; batch += 1) {
      refusal = await append(`late${batch}`).catch((error: unknown) => error);
    }
    expect(refusal).toMatchObject({ name: 'OutboxFull' });
    expect((await outbox.stats()).waiting).toBe(accepted.length);

    const half = upstream({ 'early0-0': [dead()], 'early0-1': [retry(1)] });
    void outbox.run(half.deliver, gateOf(4));
    await expect
      .poll(() => half.settled.length, { timeout: 15_000, interval: 1 })
      .toBeGreaterThan(accepted.length / 3);
    await outbox.close(1_000);
    const rest = upstream();
    outbox = await open(clock);
    void outbox.run(rest.deliver, gateOf(4));
    await emptied(outbox);
    const delivered = [...half.settled, ...rest.settled];
    expect(delivered).toHaveLength(accepted.length - 1);
    expect(new Set([...delivered, 'early0-0'])).toEqual(new Set(accepted));
    expect((await outbox.dead.list()).map(({ message }) => message.id)).toEqual(['early0-0']);

    await expect(outbox.append([track('still-full')])).rejects.toThrow(/disk is full/);
    for (let n = 0; n < 6; n += 1) rmSync(join(folder, `filler-${MIB}-${n}`), { force: true });
    clock.pass(10_000);
    expect(await outbox.append([track('again')])).toEqual(['stored']);
    await emptied(outbox);
    await outbox.close(0);
  }, 60_000);
});

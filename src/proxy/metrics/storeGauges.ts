import { Gauge, type Registry } from 'prom-client';
import { type Clock, systemClock } from '../outbox/clock.ts';
import type { OutboxStats } from '../outbox/outbox.ts';
import type { StoreDisk } from './storeDisk.ts';

/** What the store is asked at each reading. */
export interface StoreSources {
  readonly stats: () => Promise<OutboxStats>;
  /** Of a store that is a file here. @defaultValue no figures of a disk */
  readonly disk?: (() => Promise<StoreDisk>) | undefined;
  /** @defaultValue the machine's clock */
  readonly clock?: Pick<Clock, 'after'>;
}

/** Milliseconds to wait for the store: Prometheus gives up on the whole reading after 10 s. */
const PATIENCE_MS = 5_000;

/** Registers the gauges of the store; the function returned brings them up to date. */
export function createStoreGauges(sources: StoreSources, registry: Registry): () => Promise<void> {
  const { stats, disk, clock = systemClock } = sources;
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `sendx_proxy_${name}`, help, registers: [registry] });
  const waiting = gauge('outbox_waiting', 'Messages stored and not settled.');
  const oldest = gauge('outbox_oldest_seconds', 'Age of the oldest of them. Alert on this.');
  const inFlight = gauge('outbox_in_flight', 'Messages being delivered now.');
  const letters = gauge('outbox_dead_letters', 'Dead letters kept for the operator.');
  const up = gauge('store_up', '0 while the store does not answer; it has no numbers then.');
  const showDisk = disk && createDiskGauges(gauge);

  return async () => {
    const [now, space] = await Promise.all([
      patiently(stats, clock),
      disk && patiently(disk, clock),
    ]);
    up.set(now === undefined ? 0 : 1);
    if (now === undefined) for (const one of [waiting, oldest, inFlight, letters]) one.remove();
    else {
      waiting.set(now.waiting);
      oldest.set(now.oldestMs / 1000);
      inFlight.set(now.inFlight);
      letters.set(now.dead);
    }
    showDisk?.(space);
  };
}

function createDiskGauges(gauge: (name: string, help: string) => Gauge) {
  const used = gauge('store_bytes', 'Bytes of the store on disk; what is delivered is used again.');
  const free = gauge('store_free_bytes', 'Bytes free on the disk of the store.');
  return (space: StoreDisk | undefined) => {
    if (space === undefined) for (const one of [used, free]) one.remove();
    else {
      used.set(space.used);
      free.set(space.free);
    }
  };
}

/** Resolves to `undefined` when `read` fails or lets wait too long. */
async function patiently<T>(
  read: () => Promise<T>,
  clock: Pick<Clock, 'after'>,
): Promise<T | undefined> {
  let cancel = () => {};
  const patience = new Promise<undefined>((resolve) => {
    cancel = clock.after(PATIENCE_MS, () => resolve(undefined));
  });
  try {
    return await Promise.race([read(), patience]);
  } catch {
    return undefined;
  } finally {
    cancel();
  }
}

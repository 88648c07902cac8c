import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';

interface Entries {
  waiting: number;
  bytes: number;
  dead: number;
}

/** Counters that would cost a scan to know, and the store's own time; kept with every commit. */
export interface Ledger extends Entries {
  /**
   * The store's time in milliseconds: like the clock's, but it never goes back, neither within a
   * process nor across two, whatever becomes of the machine's clock. Due times and the age of a
   * seen id are measured in it.
   */
  time(): number;
  /** Writes the entries; inside the transaction that changed them. */
  save(): void;
  /** Takes the entries back to the last commit. */
  reload(): void;
}

/** Reads the ledger of an open store. */
export function createLedger(database: Database, clock: Clock): Ledger {
  const select = database.prepare<Entries & { time: number }>('SELECT * FROM ledger');
  const update = database.prepare('UPDATE ledger SET waiting = ?, bytes = ?, dead = ?, time = ?');
  const read = () => {
    const row = select.get();
    if (row === undefined) throw new Error('the ledger is missing its only row');
    return row;
  };
  const { waiting, bytes, dead, time } = read();
  const base = Math.max(time, clock.now());
  const openedAt = clock.elapsed();
  const ledger: Ledger = {
    waiting,
    bytes,
    dead,
    time: () => Math.floor(base + clock.elapsed() - openedAt),
    save: () => update.run(ledger.waiting, ledger.bytes, ledger.dead, ledger.time()),
    reload() {
      const stored = read();
      ledger.waiting = stored.waiting;
      ledger.bytes = stored.bytes;
      ledger.dead = stored.dead;
    },
  };
  return ledger;
}

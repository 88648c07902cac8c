import type { Commit } from './commit.ts';
import type { Database } from './database.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Lanes } from './lanes.ts';
import type { Messages } from './messages.ts';
import type { Seen } from './seen.ts';

/** Collaborators of {@link createErasure}. */
export interface ErasureParts {
  readonly database: Database;
  readonly lanes: Lanes;
  readonly messages: Messages;
  readonly graveyard: Graveyard;
  readonly seen: Seen;
  readonly commit: Commit;
  readonly laneHash: (email: string) => string;
}

// Rows of one transaction: a contact with a million of them must not stop requests meanwhile.
const STEP = 500;

/** Makes the function that forgets a contact; it resolves to how many messages went. */
export function createErasure(parts: ErasureParts): (email: string) => Promise<number> {
  const { lanes, messages, graveyard, seen, commit } = parts;
  return async (email) => {
    const lane = lanes.resolve(parts.laneHash(email));
    const family = lanes.family(lane);
    const last = messages.last();
    const waiting = await inSteps(() => {
      const rows = messages.of(lane, last, STEP);
      for (const row of rows) messages.remove(row);
      return rows.length;
    });
    const dead = await inSteps(() => graveyard.erase(lane, STEP));
    for (let row: number | undefined = 0; row !== undefined; ) {
      const after: number = row;
      row = await commit(() => seen.erase(family, after, STEP));
    }
    await commit(() => lanes.disband(lane));
    // Deleted rows are still in the log until it is emptied.
    parts.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    return waiting + dead;
  };

  async function inSteps(step: () => number): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await commit(step);
      total += count;
      if (count < STEP) return total;
    }
  }
}

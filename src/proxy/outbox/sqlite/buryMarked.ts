import { CUT_SHORT } from '../cutShort.ts';
import type { Commit } from './commit.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Messages } from './messages.ts';

// Rows of one transaction.
const STEP = 500;

/**
 * Buries the increments that were in flight when the process ended: nobody knows whether they
 * arrived.
 */
export async function buryMarked(
  messages: Messages,
  graveyard: Graveyard,
  commit: Commit,
): Promise<void> {
  const bury = () => {
    const rows = messages.marked(STEP);
    for (const row of rows) {
      messages.remove(row);
      graveyard.bury(row, CUT_SHORT.reason, CUT_SHORT.detail);
    }
    return rows.length;
  };
  while ((await commit(bury)) > 0);
}

import type { Message } from '../../../protocol.ts';
import { type DeadRow, letterOf } from '../deadRow.ts';
import type { DeadLetters, DeadReason } from '../outbox.ts';
import type { Commit } from './commit.ts';
import type { Database } from './database.ts';
import type { Ledger } from './ledger.ts';
import type { Messages, Waiting } from './messages.ts';

interface Row extends DeadRow {
  readonly n: number;
}

/** The `dead` table. */
export interface Graveyard {
  /** What the operator sees. */
  readonly letters: DeadLetters;
  /** Takes what was a waiting message; inside a transaction. */
  bury(waiting: Waiting, reason: DeadReason, detail: string | undefined): void;
  /** Removes at most `limit` of a lane; inside a transaction. Returns how many. */
  erase(lane: string, limit: number): number;
}

/** Collaborators of {@link createGraveyard}. */
export interface GraveyardParts {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly messages: Messages;
  readonly commit: Commit;
  readonly laneOf: (email: string) => string;
  readonly now: () => number;
  /** Letters kept; beyond them the oldest goes. */
  readonly maxDead: number;
  /** Called once a letter is back in its lane. */
  readonly revived: () => void;
}

/** Prepares the statements of {@link Graveyard}. */
export function createGraveyard(parts: GraveyardParts): Graveyard {
  const { database, ledger, messages, commit } = parts;
  const insert = database.prepare(
    `INSERT INTO dead (id, lane, body, bytes, reason, detail, died_at, attempts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const list = database.prepare<Row>('SELECT * FROM dead ORDER BY n LIMIT ?');
  const get = database.prepare<Row>('SELECT * FROM dead WHERE id = ?');
  const remove = database.prepare('DELETE FROM dead WHERE n = ?');
  const ofLane = database.prepare<Row>('SELECT * FROM dead WHERE lane = ? LIMIT ?');

  function unearth(row: Row): void {
    remove.run(row.n);
    ledger.dead -= 1;
    ledger.bytes -= row.bytes;
  }

  return {
    letters: {
      list: async (limit = 100) => list.all(limit).map(letterOf),
      async get(id) {
        const row = get.get(id);
        return row && letterOf(row);
      },
      async retry(id) {
        const revived = await commit(() => {
          const row = get.get(id);
          if (row === undefined) return false;
          unearth(row);
          const message = letterOf(row).message;
          messages.add(message, parts.laneOf(message.email), parts.now());
          return true;
        });
        if (revived) parts.revived();
        return revived;
      },
      drop: (id) =>
        commit(() => {
          const row = get.get(id);
          if (row !== undefined) unearth(row);
          return row !== undefined;
        }),
    },
    bury(waiting, reason, detail) {
      const { id } = JSON.parse(waiting.body) as Message;
      const { lane, body, bytes, attempts } = waiting;
      const former = get.get(id);
      if (former !== undefined) unearth(former);
      insert.run(id, lane, body, bytes, reason, detail ?? null, parts.now(), attempts + 1);
      ledger.dead += 1;
      ledger.bytes += bytes;
      for (const row of list.all(Math.max(0, ledger.dead - parts.maxDead))) unearth(row);
    },
    erase(lane, limit) {
      const rows = ofLane.all(lane, limit);
      for (const row of rows) unearth(row);
      return rows.length;
    },
  };
}

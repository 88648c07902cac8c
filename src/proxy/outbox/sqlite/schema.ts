import { newLaneKey } from '../lane.ts';
import type { Database } from './database.ts';

/**
 * One step per version; `user_version` counts the steps a file has taken. Append only: a published
 * step never changes.
 *
 * - `messages`: waiting. `seq` is the order of arrival and never reused, so that a flight whose row
 *   was erased cannot settle another. `marked` is 1 while an increment may be at SendX.
 * - `lanes`: one row a lane with waiting messages: its head and when that is due, so that choosing
 *   costs the same whether ten or a million messages wait. Numbered as they come, since a lane's name
 *   is a hash: what is delivered side by side would lie anywhere in an index of names, and of a
 *   million waiting each would be a page of its own to write.
 * - `seen`: ids by arrival; the oldest are its first rows.
 * - `aliases`: lanes that joined another after a rename.
 * - `ledger`: what counting would cost too much to know.
 */
const STEPS: readonly string[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE messages (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     lane TEXT NOT NULL,
     body TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     stored_at INTEGER NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     marked INTEGER NOT NULL DEFAULT 0
   );
   CREATE INDEX messages_by_lane ON messages (lane, seq);
   CREATE INDEX messages_marked ON messages (seq) WHERE marked = 1;
   CREATE TABLE lanes (lane TEXT PRIMARY KEY, head INTEGER NOT NULL, due INTEGER NOT NULL)
     WITHOUT ROWID;
   CREATE INDEX lanes_by_due ON lanes (due);
   CREATE TABLE seen (
     n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, lane TEXT NOT NULL, at INTEGER NOT NULL
   );
   CREATE TABLE dead (
     n INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     lane TEXT NOT NULL,
     body TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     reason TEXT NOT NULL,
     detail TEXT,
     died_at INTEGER NOT NULL,
     attempts INTEGER NOT NULL
   );
   CREATE INDEX dead_by_lane ON dead (lane);
   CREATE TABLE aliases (lane TEXT PRIMARY KEY, target TEXT NOT NULL, at INTEGER NOT NULL)
     WITHOUT ROWID;
   CREATE INDEX aliases_by_target ON aliases (target);
   CREATE TABLE ledger (
     waiting INTEGER NOT NULL, bytes INTEGER NOT NULL, dead INTEGER NOT NULL, time INTEGER NOT NULL
   );
   INSERT INTO ledger VALUES (0, 0, 0, 0);`,
  `DROP INDEX lanes_by_due;
   ALTER TABLE lanes RENAME TO lanes_by_name;
   CREATE TABLE lanes (
     number INTEGER PRIMARY KEY,
     lane TEXT NOT NULL UNIQUE,
     head INTEGER NOT NULL,
     due INTEGER NOT NULL
   );
   INSERT INTO lanes (lane, head, due) SELECT lane, head, due FROM lanes_by_name ORDER BY head;
   DROP TABLE lanes_by_name;
   CREATE INDEX lanes_by_due ON lanes (due);
   DROP INDEX messages_by_lane;
   ALTER TABLE messages ADD COLUMN lane_number INTEGER NOT NULL DEFAULT 0;
   UPDATE messages SET
     lane_number = (SELECT number FROM lanes WHERE lanes.lane = messages.lane);
   ALTER TABLE messages DROP COLUMN lane;
   CREATE INDEX messages_by_lane ON messages (lane_number, seq);`,
];

/**
 * Brings a file to this version's schema, or a new one to that of an earlier `version`.
 *
 * @throws {Error} when a later version of the proxy wrote the file.
 */
export function migrate(database: Database, version = STEPS.length): void {
  const found =
    database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (found > STEPS.length) {
    throw new Error(
      `the file has schema version ${found} and this proxy knows ${STEPS.length} at most: a ` +
        'later version wrote it; start that one, or a proxy with another file',
    );
  }
  for (const [index, step] of STEPS.slice(0, version).entries()) {
    if (index < found) continue;
    database.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

/** The store's own key for lane names, made when the file is. */
export function laneKeyOf(database: Database): string {
  const insert = 'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING';
  database.prepare(insert).run('lane_key', newLaneKey());
  const select = database.prepare<{ value: string }>('SELECT value FROM meta WHERE name = ?');
  const row = select.get('lane_key');
  if (row === undefined) throw new Error('the lane key could not be read back');
  return row.value;
}

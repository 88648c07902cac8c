import type { Database } from './database.ts';

/** A lane's address after a rename, and what was moved to get there. */
export interface Merge {
  readonly from: string;
  readonly into: string;
}

/** The `lanes` and `aliases` tables. All but the queries run inside a transaction. */
export interface Lanes {
  /** The lane that an own lane belongs to now; itself unless renamed. Notes the use at `time`. */
  resolve(own: string, time?: number): string;
  /** Makes `own` part of `into`, with the messages that wait in it. */
  join(own: string, into: string, time: number): Merge | undefined;
  /** A message was added at the end; a waiting lane stays as it is. */
  extended(lane: string, seq: number, time: number): void;
  /**
   * A message left; the next one, if any, is due since it was stored, and at `time` at the latest.
   * So the oldest message goes first whichever its lane, and a backlog is read as it was written.
   */
  advanced(lane: string, time: number): void;
  /** The head is not to be tried before `due`. */
  delayed(lane: string, head: number, due: number): void;
  /** Lanes due at `time`, the longest due first. */
  due(time: number, limit: number): readonly string[];
  /** When the next lane is due that is not yet. */
  nextDue(time: number): number | undefined;
  /** The lane and every lane that joined it. */
  family(lane: string): readonly string[];
  /** Forgets that anything joined this lane. */
  disband(lane: string): void;
  /** Forgets joins unused since `before` whose lane is empty, in the store's time. */
  prune(before: number): void;
}

// Often enough that a used alias never looks old, rarely enough that use is not a write each time.
const TOUCH_MS = 24 * 60 * 60 * 1000;

/** Prepares the statements of {@link Lanes}. */
export function createLanes(database: Database): Lanes {
  const alias = database.prepare<{ target: string; at: number }>(
    'SELECT target, at FROM aliases WHERE lane = ?',
  );
  const touch = database.prepare('UPDATE aliases SET at = ? WHERE lane = ?');
  const setAlias = database.prepare(
    'INSERT INTO aliases VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET target = excluded.target, at = excluded.at',
  );
  const retarget = database.prepare('UPDATE aliases SET target = ? WHERE target = ?');
  const joined = database.prepare<{ lane: string }>('SELECT lane FROM aliases WHERE target = ?');
  const disband = database.prepare('DELETE FROM aliases WHERE target = ?');
  const prune = database.prepare(
    `DELETE FROM aliases WHERE at < ?
       AND NOT EXISTS (SELECT 1 FROM lanes WHERE lanes.lane = target)
       AND NOT EXISTS (SELECT 1 FROM dead WHERE dead.lane = target)`,
  );
  const lane = database.prepare<{ head: number; due: number }>(
    'SELECT head, due FROM lanes WHERE lane = ?',
  );
  const add = database.prepare('INSERT INTO lanes VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const remove = database.prepare('DELETE FROM lanes WHERE lane = ?');
  const move = database.prepare('UPDATE lanes SET head = ?, due = ? WHERE lane = ?');
  const delay = database.prepare('UPDATE lanes SET due = ? WHERE lane = ? AND head = ?');
  const head = database.prepare<{ seq: number; stored_at: number }>(
    'SELECT seq, stored_at FROM messages WHERE lane = ? ORDER BY seq LIMIT 1',
  );
  const moveMessages = database.prepare('UPDATE messages SET lane = ? WHERE lane = ?');
  const moveDead = database.prepare('UPDATE dead SET lane = ? WHERE lane = ?');
  const due = database.prepare<{ lane: string }>(
    'SELECT lane FROM lanes WHERE due <= ? ORDER BY due LIMIT ?',
  );
  const nextDue = database.prepare<{ due: number | null }>(
    'SELECT min(due) AS due FROM lanes WHERE due > ?',
  );

  function resolve(own: string, time?: number): string {
    const found = alias.get(own);
    if (found === undefined) return own;
    if (time !== undefined && time - found.at > TOUCH_MS) touch.run(time, own);
    return found.target;
  }

  return {
    resolve,
    join(own, into, time) {
      const from = resolve(own);
      if (from === into) return undefined;
      moveMessages.run(into, from);
      moveDead.run(into, from);
      retarget.run(into, from);
      setAlias.run(from, into, time);
      const newcomer = lane.get(from);
      if (newcomer !== undefined) {
        remove.run(from);
        add.run(into, newcomer.head, newcomer.due);
        const host = lane.get(into);
        if (host !== undefined && newcomer.head < host.head) {
          move.run(newcomer.head, newcomer.due, into);
        }
      }
      return { from, into };
    },
    extended: (name, seq, time) => add.run(name, seq, time),
    advanced(name, time) {
      const next = head.get(name);
      if (next === undefined) remove.run(name);
      else move.run(next.seq, Math.min(next.stored_at, time), name);
    },
    delayed: (name, seq, time) => delay.run(time, name, seq),
    due: (time, limit) => due.all(time, limit).map((row) => row.lane),
    nextDue: (time) => nextDue.get(time)?.due ?? undefined,
    family: (name) => [name, ...joined.all(name).map((row) => row.lane)],
    disband: (name) => disband.run(name),
    prune: (before) => prune.run(before),
  };
}

import type { Database } from './database.ts';

/** A lane's address after a rename, and what was moved to get there. */
export interface Merge {
  readonly from: string;
  readonly into: string;
}

/** A lane in which messages wait. */
export interface WaitingLane {
  readonly number: number;
  readonly lane: string;
}

/** The `lanes` and `aliases` tables. All but the queries run inside a transaction. */
export interface Lanes {
  /** The lane that an own lane belongs to now; itself unless renamed. Notes the use at `time`. */
  resolve(own: string, time?: number): string;
  /** Makes `own` part of `into`, where the rename waits, with the messages that wait in it. */
  join(own: string, into: string, time: number): Merge | undefined;
  /** The lane's number, for a message at its end; a new one is due at `time`, and has no head yet. */
  enter(lane: string, time: number): { readonly number: number; readonly isNew: boolean };
  /** The first message of a new lane. */
  begun(lane: number, head: number): void;
  /**
   * A message left; the next one, if any, is due since it was stored, and at `time` at the latest.
   * So the oldest message goes first whichever its lane, and a backlog is read as it was written.
   */
  advanced(lane: number, time: number): void;
  /** The head is not to be tried before `due`. */
  delayed(lane: number, head: number, due: number): void;
  /** Lanes due at `time`, the longest due first. */
  due(time: number, limit: number): readonly WaitingLane[];
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
  const lane = database.prepare<{ number: number; head: number; due: number }>(
    'SELECT number, head, due FROM lanes WHERE lane = ?',
  );
  const add = database.prepare<{ number: number }>(
    'INSERT INTO lanes (lane, head, due) VALUES (?, 0, ?) RETURNING number',
  );
  const begin = database.prepare('UPDATE lanes SET head = ? WHERE number = ?');
  const remove = database.prepare('DELETE FROM lanes WHERE number = ?');
  const move = database.prepare('UPDATE lanes SET head = ?, due = ? WHERE number = ?');
  const delay = database.prepare('UPDATE lanes SET due = ? WHERE number = ? AND head = ?');
  const head = database.prepare<{ seq: number; stored_at: number }>(
    'SELECT seq, stored_at FROM messages WHERE lane_number = ? ORDER BY seq LIMIT 1',
  );
  const moveMessages = database.prepare(
    'UPDATE messages SET lane_number = ? WHERE lane_number = ?',
  );
  const moveDead = database.prepare('UPDATE dead SET lane = ? WHERE lane = ?');
  const due = database.prepare<WaitingLane>(
    'SELECT number, lane FROM lanes WHERE due <= ? ORDER BY due LIMIT ?',
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

  /** Makes one of two lanes in which messages wait. */
  function joinWaiting(from: string, into: string): void {
    const [newcomer, host] = [lane.get(from), lane.get(into)];
    if (newcomer === undefined || host === undefined) return;
    moveMessages.run(host.number, newcomer.number);
    remove.run(newcomer.number);
    if (newcomer.head < host.head) move.run(newcomer.head, newcomer.due, host.number);
  }

  return {
    resolve,
    join(own, into, time) {
      const from = resolve(own);
      if (from === into) return undefined;
      joinWaiting(from, into);
      moveDead.run(into, from);
      retarget.run(into, from);
      setAlias.run(from, into, time);
      return { from, into };
    },
    enter(name, time) {
      const known = lane.get(name);
      const row = known ?? add.get(name, time);
      if (row === undefined) throw new Error('the new lane was given no number');
      return { number: row.number, isNew: known === undefined };
    },
    begun: (number, seq) => begin.run(seq, number),
    advanced(number, time) {
      const next = head.get(number);
      if (next === undefined) remove.run(number);
      else move.run(next.seq, Math.min(next.stored_at, time), number);
    },
    delayed: (number, seq, time) => delay.run(time, number, seq),
    due: (time, limit) => due.all(time, limit),
    nextDue: (time) => nextDue.get(time)?.due ?? undefined,
    family: (name) => [name, ...joined.all(name).map((row) => row.lane)],
    disband: (name) => disband.run(name),
    prune: (before) => prune.run(before),
  };
}

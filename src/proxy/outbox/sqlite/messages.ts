import type { Message } from '../../../protocol.ts';
import type { Database } from './database.ts';
import type { Lanes } from './lanes.ts';
import type { Ledger } from './ledger.ts';

/** A waiting message as the store keeps it. */
export interface Waiting {
  readonly seq: number;
  readonly lane: string;
  readonly lane_number: number;
  readonly body: string;
  readonly bytes: number;
  readonly stored_at: number;
  readonly attempts: number;
  readonly marked: number;
}

/** The `messages` table, in step with `lanes` and the ledger. */
export interface Messages {
  /** Puts a message at the end of its lane. */
  add(message: Message, lane: string, storedAt: number): void;
  /** The head of the lane with this number, if it is due. */
  head(lane: number): Waiting | undefined;
  get(seq: number): Waiting | undefined;
  /** Takes a message out, wherever it stands in its lane. */
  remove(waiting: Waiting): void;
  /** One more attempt failed. */
  failed(waiting: Waiting, afterMs: number): void;
  mark(seq: number): void;
  /** At most `limit` marked messages. */
  marked(limit: number): readonly Waiting[];
  /** At most `limit` of a lane, up to `last`. */
  of(lane: string, last: number, limit: number): readonly Waiting[];
  /** When the oldest was stored. */
  oldest(): number | undefined;
  /** The latest number given. */
  last(): number;
}

/** Prepares the statements of {@link Messages}; what changes rows runs inside a transaction. */
export function createMessages(database: Database, lanes: Lanes, ledger: Ledger): Messages {
  const insert = database.prepare<{ seq: number }>(
    'INSERT INTO messages (lane_number, body, bytes, stored_at) VALUES (?, ?, ?, ?) RETURNING seq',
  );
  const head = database.prepare<Waiting>(
    `SELECT messages.*, lane FROM lanes JOIN messages ON seq = head
       WHERE number = ? AND due <= ?`,
  );
  const get = database.prepare<Waiting>(
    'SELECT messages.*, lane FROM messages JOIN lanes ON number = lane_number WHERE seq = ?',
  );
  const remove = database.prepare('DELETE FROM messages WHERE seq = ?');
  const fail = database.prepare(
    'UPDATE messages SET attempts = attempts + 1, marked = 0 WHERE seq = ?',
  );
  const mark = database.prepare('UPDATE messages SET marked = 1 WHERE seq = ?');
  const marked = database.prepare<Waiting>(
    `SELECT messages.*, lane FROM messages CROSS JOIN lanes ON number = lane_number
       WHERE marked = 1 ORDER BY seq LIMIT ?`,
  );
  const ofLane = database.prepare<Waiting>(
    `SELECT messages.*, lane FROM lanes CROSS JOIN messages ON lane_number = number
       WHERE lane = ? AND seq <= ? ORDER BY seq LIMIT ?`,
  );
  const oldest = database.prepare<{ stored_at: number }>(
    'SELECT stored_at FROM messages ORDER BY seq LIMIT 1',
  );
  const last = database.prepare<{ seq: number | null }>('SELECT max(seq) AS seq FROM messages');
  return {
    add(message, lane, storedAt) {
      const body = JSON.stringify(message);
      const bytes = Buffer.byteLength(body);
      const { number, isNew } = lanes.enter(lane, ledger.time());
      const row = insert.get(number, body, bytes, storedAt);
      if (row === undefined) throw new Error('the new message was given no number');
      if (isNew) lanes.begun(number, row.seq);
      ledger.waiting += 1;
      ledger.bytes += bytes;
    },
    head: (lane) => head.get(lane, ledger.time()),
    get: (seq) => get.get(seq),
    remove(waiting) {
      remove.run(waiting.seq);
      lanes.advanced(waiting.lane_number, ledger.time());
      ledger.waiting -= 1;
      ledger.bytes -= waiting.bytes;
    },
    failed(waiting, afterMs) {
      fail.run(waiting.seq);
      const due = Math.ceil(ledger.time() + Math.max(0, afterMs));
      lanes.delayed(waiting.lane_number, waiting.seq, due);
    },
    mark: (seq) => mark.run(seq),
    marked: (limit) => marked.all(limit),
    of: (lane, to, limit) => ofLane.all(lane, to, limit),
    oldest: () => oldest.get()?.stored_at,
    last: () => last.get()?.seq ?? 0,
  };
}

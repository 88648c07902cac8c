import type { Message } from '../../../protocol.ts';
import { type DeadRow, letterOf } from '../deadRow.ts';
import type { DeadLetters, DeadReason } from '../outbox.ts';
import type { Aliases } from './aliases.ts';
import type { NewJob } from './appending.ts';
import type { JobData, Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Connections, Sql } from './sql.ts';

/** Collaborators of {@link createGraveyard}. */
export interface GraveyardParts {
  readonly connections: Connections;
  readonly schema: string;
  readonly aliases: Aliases;
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  readonly insert: (sql: Sql, jobs: readonly NewJob[]) => Promise<void>;
  readonly laneHash: (email: string) => string;
  readonly now: () => number;
  /** Letters kept; beyond them the oldest goes. */
  readonly maxDead: number;
  /** Called once a letter is back in its lane. */
  readonly revived: () => void;
}

/** The `dead` table. */
export interface Graveyard {
  /** What the operator sees. */
  readonly letters: DeadLetters;
  /** Takes what was a job, in the transaction that removed it; books the change. */
  bury(
    sql: Sql,
    lane: string,
    data: JobData,
    reason: DeadReason,
    detail: string | undefined,
  ): Promise<void>;
  /** Removes at most `limit` of these lanes, and books it; how many. */
  erase(sql: Sql, lanes: readonly string[], limit: number): Promise<number>;
}

/** The dead letters in `schema`. */
export function createGraveyard(parts: GraveyardParts): Graveyard {
  const { connections, schema, aliases, jobs, ledger } = parts;
  const table = `${schema}.dead`;

  const remove = (sql: Sql, where: string, values: readonly unknown[]) =>
    sql.query<DeadRow>(`DELETE FROM ${table} WHERE ${where} RETURNING *`, values);
  const sizeOf = (rows: readonly DeadRow[]) => rows.reduce((sum, { bytes }) => sum + bytes, 0);

  async function revive(sql: Sql, row: DeadRow): Promise<void> {
    const { email } = JSON.parse(row.body) as Message;
    const own = parts.laneHash(email);
    const lane = (await aliases.targets(sql, [own])).get(own) ?? own;
    const [id] = await jobs.ids(sql, 1);
    const { body, bytes } = row;
    const data: JobData = { body, bytes, storedAt: parts.now(), attempts: 0 };
    await parts.insert(sql, [{ id: id ?? '', singletonKey: lane, data }]);
    await ledger.book(sql, { waiting: 1, dead: -1 });
  }

  return {
    letters: {
      async list(limit = 100) {
        const rows = await connections.query<DeadRow>(
          `SELECT * FROM ${table} ORDER BY n LIMIT $1`,
          [limit],
        );
        return rows.map(letterOf);
      },
      async get(id) {
        const [row] = await connections.query<DeadRow>(`SELECT * FROM ${table} WHERE id = $1`, [
          id,
        ]);
        return row && letterOf(row);
      },
      async retry(id) {
        const isRevived = await connections.transaction(async (sql) => {
          const [row] = await remove(sql, 'id = $1', [id]);
          if (row !== undefined) await revive(sql, row);
          return row !== undefined;
        });
        if (isRevived) parts.revived();
        return isRevived;
      },
      drop: (id) =>
        connections.transaction(async (sql) => {
          const rows = await remove(sql, 'id = $1', [id]);
          await ledger.book(sql, { dead: -rows.length, bytes: -sizeOf(rows) });
          return rows.length > 0;
        }),
    },

    async bury(sql, lane, data, reason, detail) {
      const { id } = JSON.parse(data.body) as Message;
      const gone = [...(await remove(sql, 'id = $1', [id]))];
      await sql.query(
        `INSERT INTO ${table} (id, lane, body, bytes, reason, detail, died_at, attempts)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          id,
          lane,
          data.body,
          data.bytes,
          reason,
          // PostgreSQL's text cannot hold a NUL, and SendX's words may.
          detail?.replaceAll('\0', '\ufffd') ?? null,
          parts.now(),
          data.attempts + 1,
        ],
      );
      const { dead } = await ledger.totals(sql);
      const excess = dead + 1 - gone.length - parts.maxDead;
      if (excess > 0) {
        const oldest = `n IN (SELECT n FROM ${table} ORDER BY n LIMIT $1)`;
        gone.push(...(await remove(sql, oldest, [excess])));
      }
      await ledger.book(sql, {
        waiting: -1,
        dead: 1 - gone.length,
        bytes: -sizeOf(gone),
      });
    },

    async erase(sql, lanes, limit) {
      const rows = await remove(
        sql,
        `n IN (SELECT n FROM ${table} WHERE lane = ANY($1) LIMIT $2)`,
        [lanes, limit],
      );
      await ledger.book(sql, { dead: -rows.length, bytes: -sizeOf(rows) });
      return rows.length;
    },
  };
}

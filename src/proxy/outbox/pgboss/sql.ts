import type { Pool } from 'pg';

/** Runs statements, on a connection of the pool or within a transaction. */
export interface Sql {
  /** `Row` is what the statement promises. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** {@link Sql} with transactions. */
export interface Connections extends Sql {
  /**
   * Commits when `work` resolves, rolls back when it rejects; tries again after a deadlock or where
   * two renames met. `work` may therefore run more than once.
   *
   * @param settings - `SET LOCAL` statements for it. @defaultValue the commit waits for the disk
   */
  transaction<T>(work: (sql: Sql) => Promise<T>, settings?: string): Promise<T>;
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
/** The disk is full. */
export const DISK_FULL = '53100';

const ATTEMPTS = 5;

// 202 means on disk, whatever the database's default is. Not a startup parameter of the
// connection: poolers refuse those.
const DURABLE = 'SET LOCAL synchronous_commit = on';

/** The SQLSTATE of an error; `undefined` if the server did not raise it. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A transaction as pg-boss takes it, to do its part within. */
export function bossDb(sql: Sql): {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
} {
  return {
    executeSql: async (text, values) => ({ rows: [...(await sql.query<unknown>(text, values))] }),
  };
}

/** Wraps a pool. */
export function createConnections(pool: Pool): Connections {
  async function once<T>(work: (sql: Sql) => Promise<T>, settings: string): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    // The pool listens only while the client is idle; unheard, an error would end the process.
    client.on('error', onError);
    try {
      await client.query(`BEGIN; ${settings}`);
      const result = await work({
        query: async (text, values = []) => (await client.query(text, [...values])).rows,
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken ??= failure;
      });
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  return {
    query: async (text, values = []) => (await pool.query(text, [...values])).rows,
    async transaction(work, settings = DURABLE) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(work, settings);
        } catch (error) {
          const state = sqlState(error);
          const isPassing = state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED;
          if (!isPassing || attempt === ATTEMPTS) throw error;
        }
      }
    },
  };
}

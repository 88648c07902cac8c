import type { Aliases } from './aliases.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Connections, Sql } from './sql.ts';

/** Collaborators of {@link createErasure}. */
export interface ErasureParts {
  readonly connections: Connections;
  readonly schema: string;
  readonly aliases: Aliases;
  readonly jobs: Jobs;
  readonly graveyard: Graveyard;
  readonly ledger: Ledger;
  readonly laneHash: (email: string) => string;
}

// Rows of one transaction, so that none holds locks for long.
const STEP = 1_000;

/** Makes the function that forgets a contact; it resolves to how many messages went. */
export function createErasure(parts: ErasureParts): (email: string) => Promise<number> {
  const { connections, schema, aliases, jobs, graveyard, ledger } = parts;

  async function inSteps(step: (sql: Sql) => Promise<number>): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await connections.transaction(step);
      total += count;
      if (count === 0) return total;
    }
  }

  return async (email) => {
    const own = parts.laneHash(email);
    const lane = (await aliases.targets(connections, [own])).get(own) ?? own;
    const family = await aliases.family(connections, lane);
    const waiting = await inSteps(async (sql) => {
      const gone = await jobs.erase(sql, family, STEP);
      const bytes = gone.reduce((sum, data) => sum + data.bytes, 0);
      await ledger.book(sql, { waiting: -gone.length, bytes: -bytes });
      return gone.length;
    });
    const dead = await inSteps((sql) => graveyard.erase(sql, family, STEP));
    await inSteps(async (sql) => {
      const rows = await sql.query(
        `DELETE FROM ${schema}.seen WHERE id IN (
           SELECT id FROM ${schema}.seen WHERE lane = ANY($1) LIMIT ${STEP})
         RETURNING id`,
        [family],
      );
      return rows.length;
    });
    await aliases.disband(connections, lane);
    return waiting + dead;
  };
}

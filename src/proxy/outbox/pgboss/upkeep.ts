import type { Clock } from '../clock.ts';
import { repeat } from '../repeat.ts';
import type { Aliases } from './aliases.ts';
import type { Flights } from './flights.ts';
import type { Connections } from './sql.ts';

/** Collaborators of {@link startUpkeep}. */
export interface UpkeepParts {
  readonly connections: Connections;
  readonly schema: string;
  /** pg-boss's table of jobs. */
  readonly jobTable: string;
  readonly aliases: Aliases;
  readonly flights: Flights;
  readonly seenMs: number;
  readonly clock: Clock;
}

const EVERY_MS = 60_000;
// Rows of one statement, so that none holds locks for long.
const STEP = 1_000;

/** Forgets what is old, every minute and in small steps; returns what stops it. */
export function startUpkeep(parts: UpkeepParts): () => void {
  const { connections, schema } = parts;

  async function tidy(stopped: AbortSignal): Promise<void> {
    let count = STEP;
    while (count === STEP && !stopped.aborted) count = (await forgetIds()).length;
    await parts.aliases.prune(connections, parts.seenMs, parts.jobTable);
    await parts.flights.clear();
  }

  const forgetIds = () =>
    connections.query(
      `DELETE FROM ${schema}.seen WHERE id IN (
         SELECT id FROM ${schema}.seen WHERE at < now() - $1 * interval '1 millisecond'
         ORDER BY at LIMIT ${STEP} FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [parts.seenMs],
    );

  return repeat(parts.clock, EVERY_MS, tidy);
}

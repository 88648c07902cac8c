import type { Settings } from '../settings.ts';
import { createPostgresRate } from './postgresRate.ts';
import { createMemoryRate, type Rate } from './rate.ts';

/** The two rates of the public port. */
export interface Rates {
  readonly ip: Rate;
  readonly contact: Rate;
  close(): Promise<void>;
}

/** Milliseconds that a request waits for PostgreSQL before memory stands in. */
const PATIENCE_MS = 1_000;

/** Counts are short: few connections carry many. */
const MAX_CONNECTIONS = 4;

/**
 * Opens the rates where the outbox is: proxies that share a PostgreSQL share their counts.
 *
 * @throws {Error} when PostgreSQL cannot be reached or `pg` is not installed.
 */
export async function openRates(
  settings: Pick<Settings, 'outbox' | 'rateIp' | 'rateContact'>,
): Promise<Rates> {
  const { outbox, rateIp, rateContact } = settings;
  if (outbox.kind !== 'postgres') {
    const close = () => Promise.resolve();
    return { ip: createMemoryRate(rateIp), contact: createMemoryRate(rateContact), close };
  }
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: outbox.url.reveal(),
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    ip: await createPostgresRate(rateIp, pool, 'ip'),
    contact: await createPostgresRate(rateContact, pool, 'contact'),
    close: () => pool.end(),
  };
}

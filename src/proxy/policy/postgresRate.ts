import type { Pool } from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { consume, createMemoryRate, type Rate, unlimited, WINDOW_SECONDS } from './rate.ts';

/**
 * A {@link Rate} that all proxies on one PostgreSQL share; memory stands in while it is away.
 *
 * @param name - distinguishes the rates that share the table.
 * @throws {Error} when the table cannot be made.
 */
export async function createPostgresRate(
  perMinute: number,
  pool: Pool,
  name: string,
): Promise<Rate> {
  if (perMinute === 0) return unlimited;
  const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const made: RateLimiterPostgres = new RateLimiterPostgres(
      {
        points: perMinute,
        duration: WINDOW_SECONDS,
        storeClient: pool,
        storeType: 'pool',
        tableName: 'sendx_rate',
        keyPrefix: name,
        clearExpiredByTimeout: true,
        // A key that is over its limit is not asked about again, which spares the database a flood.
        inMemoryBlockOnConsumed: perMinute + 1,
      },
      // Called in a later turn, since the table is made first.
      (error?: Error) => (error ? reject(error) : resolve(made)),
    );
  });
  const spare = createMemoryRate(perMinute);
  return (key, further) => consume(limiter, key, further, spare);
}

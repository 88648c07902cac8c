import type { Pool, PoolConfig } from 'pg';
import type { PgBoss } from 'pg-boss';

/** What {@link loadPackages} brings. */
export interface Packages {
  createPool(config: PoolConfig): Pool;
  createBoss(options: ConstructorParameters<typeof PgBoss>[0] & object): PgBoss;
}

/**
 * Loads `pg` and `pg-boss`: optional peers, since a proxy on SQLite needs neither.
 *
 * @throws {Error} with the command that installs them when one is missing.
 */
export async function loadPackages(): Promise<Packages> {
  const [{ default: pg }, { PgBoss: Boss }] = await Promise.all([
    import('pg').catch(explain('pg')),
    import('pg-boss').catch(explain('pg-boss')),
  ]);
  return {
    createPool: (config) => new pg.Pool(config),
    createBoss: (options) => new Boss(options),
  };
}

function explain(name: string): (error: unknown) => never {
  return (error) => {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw error;
    throw new Error(
      `outbox: PostgreSQL needs the package ${name}, which is not installed; the proxy does not ` +
        'start. Run: npm install pg pg-boss@12',
      { cause: error },
    );
  };
}

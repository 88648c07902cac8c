import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type PostgresRig, type PostgresServer, startPostgres } from './postgres.ts';

/** Runs one server for the tests of a file, and hands each test a database of its own. */
export function rigEachTest(take: (rig: PostgresRig) => void): void {
  let server: PostgresServer;
  let rig: PostgresRig;
  beforeAll(async () => {
    server = await startPostgres();
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    rig = await server.rig();
    take(rig);
  }, 60_000);
  afterEach(() => rig.dispose(), 60_000);
}

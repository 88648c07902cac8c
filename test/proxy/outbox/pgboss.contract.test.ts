import { afterAll, beforeAll } from 'vitest';
import { describeOutbox } from './contract.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 120_000);
afterAll(() => server.stop());

describeOutbox('the PostgreSQL outbox', () => server.rig());

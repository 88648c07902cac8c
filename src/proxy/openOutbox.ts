import { holdsIncrement } from './delivery/increment.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { OutboxSetting } from './settings.ts';

/**
 * Opens the outbox of a setting. Each engine is loaded only when it is used, so that nobody needs
 * the packages of another.
 *
 * @throws {Error} when the store is held by another process, is unreachable or is none.
 */
export async function openOutbox(setting: OutboxSetting): Promise<Outbox> {
  switch (setting.kind) {
    case 'sqlite': {
      const { createSqliteOutbox } = await import('./outbox/sqlite.ts');
      return createSqliteOutbox({ path: setting.path, holdsIncrement });
    }
    case 'direct': {
      const { createDirectOutbox } = await import('./outbox/direct.ts');
      const { createLaneHash, newLaneKey } = await import('./outbox/lane.ts');
      return createDirectOutbox({ laneOf: createLaneHash(newLaneKey()) });
    }
    case 'postgres': {
      const { createPgBossOutbox } = await import('./outbox/pgboss.ts');
      return createPgBossOutbox({ url: setting.url.reveal(), holdsIncrement });
    }
  }
}

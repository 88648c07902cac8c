import { availableDriver, type Driver } from '../../../src/proxy/outbox/sqlite/database.ts';
import { describeOutbox } from './contract.ts';
import { sqliteRig } from './sqliteRig.ts';

for (const driver of new Set<Driver>(['libsql', availableDriver()])) {
  describeOutbox(`the SQLite outbox on ${driver}`, async () => sqliteRig({ driver }));
}

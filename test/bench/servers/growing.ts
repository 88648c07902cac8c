import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../proxy/fixture.ts';
import { spreadOf } from '../spread.ts';
import { inTurns, SHARE } from '../turns.ts';
import type { GrowthRow } from './results.ts';
import { SPREAD } from './sizes.ts';
import { openSteadyStore, type SteadyStore } from './steadyStore.ts';

/** Messages that wait, ten of each contact. */
const BACKLOGS = [1_000, 10_000, 100_000, 1_000_000];

/** Contacts among whom {@link SPREAD} messages are. */
const CONTACTS = [1, 10, 100, 1_000, 10_000, 100_000];

/** Messages that a store appends and drains in a round: fewer where few contacts take turns. */
const stepOf = (contacts: number) => Math.min(3_200, 300 + 100 * contacts);

interface Growing {
  readonly size: number;
  readonly step: number;
  readonly store: SteadyStore;
  readonly append: number[];
  readonly drain: number[];
}

/** What {@link measureGrowth} found. */
export interface Growth {
  readonly backlog: readonly GrowthRow[];
  readonly contacts: readonly GrowthRow[];
  readonly rounds: number;
}

/** Fills a store of each size, then appends and drains in turns what keeps it at that size. */
export async function measureGrowth(seconds: number): Promise<Growth> {
  const backlog: Growing[] = [];
  const contacts: Growing[] = [];
  for (const size of BACKLOGS) backlog.push(await grow(size, size, size / 10));
  for (const size of CONTACTS) contacts.push(await grow(size, SPREAD, size));
  const all = [...backlog, ...contacts];
  const rounds = await inTurns('growth', seconds, all, async ({ store, step, append, drain }) => {
    append.push(await store.append(step));
    drain.push(await store.drain(step));
  });
  return { backlog: backlog.map(rowOf), contacts: contacts.map(rowOf), rounds };
}

async function grow(size: number, waiting: number, contacts: number): Promise<Growing> {
  const path = join(temporaryFolder(), 'outbox.sqlite');
  // A trial does not wait for a million.
  const store = await openSteadyStore(path, Math.ceil(waiting * Math.min(1, 2 * SHARE)), contacts);
  onTestFinished(store.close);
  return { size, store, step: stepOf(contacts), append: [], drain: [] };
}

const rowOf = ({ size, append, drain }: Growing): GrowthRow => ({
  size,
  append: spreadOf(append),
  drain: spreadOf(drain),
});

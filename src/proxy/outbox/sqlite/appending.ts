import type { Message } from '../../../protocol.ts';
import { newEmailOf } from '../newEmail.ts';
import { type Appended, OutboxFull } from '../outbox.ts';
import { type Quota, refuseBeyond } from '../quota.ts';
import type { Lanes, Merge } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { Messages } from './messages.ts';
import type { Reserve } from './reserve.ts';
import type { Seen } from './seen.ts';

/** Collaborators and bounds of {@link createAppending}. */
export interface AppendingParts {
  readonly seen: Seen;
  readonly lanes: Lanes;
  readonly messages: Messages;
  readonly ledger: Ledger;
  readonly reserve: Reserve;
  readonly laneHash: (email: string) => string;
  readonly now: () => number;
  readonly quota: Quota;
  readonly seenMs: number;
}

/** What one append did. */
export interface AppendReport {
  readonly appended: readonly Appended[];
  readonly merges: readonly Merge[];
}

const HOUR_MS = 60 * 60 * 1000;

// Twice what arrives, so that expired ids never gather; a little more, to catch up after a pause.
const pruneLimit = (arrived: number) => 2 * arrived + 16;

/** Makes the write that stores messages; it runs inside a transaction and stores all or nothing. */
export function createAppending(parts: AppendingParts) {
  const { seen, lanes, messages, ledger } = parts;
  let aliasesPrunedAt = Number.NEGATIVE_INFINITY;

  function refuseWhenFull(fresh: readonly Message[]): void {
    if (fresh.length === 0) return;
    const size = fresh.reduce(
      (sum, message) => sum + Buffer.byteLength(JSON.stringify(message)),
      0,
    );
    const rows = ledger.waiting + ledger.dead + fresh.length;
    refuseBeyond(parts.quota, rows, ledger.bytes + size);
    if (!parts.reserve.held()) {
      throw new OutboxFull('outbox: the disk is full; nothing was stored, what waits still drains');
    }
  }

  function store(message: Message): Merge | undefined {
    const time = ledger.time();
    const lane = lanes.resolve(parts.laneHash(message.email), time);
    seen.add(message.id, lane, time);
    messages.add(message, lane, parts.now());
    const renamed = newEmailOf(message);
    return renamed === undefined ? undefined : lanes.join(parts.laneHash(renamed), lane, time);
  }

  function prune(before: number, arrived: number): void {
    seen.prune(before, pruneLimit(arrived));
    if (before - aliasesPrunedAt < HOUR_MS) return;
    aliasesPrunedAt = before;
    lanes.prune(before);
  }

  return (arrived: readonly Message[]): AppendReport => {
    const since = ledger.time() - parts.seenMs;
    const ids = new Set<string>();
    const isFresh = arrived.map(({ id }) => {
      const known = ids.has(id) || seen.has(id, since);
      ids.add(id);
      return !known;
    });
    const fresh = arrived.filter((_, index) => isFresh[index]);
    refuseWhenFull(fresh);
    prune(since, arrived.length);
    return {
      merges: fresh.map(store).filter((merge) => merge !== undefined),
      appended: isFresh.map((stored) => (stored ? 'stored' : 'duplicate')),
    };
  };
}

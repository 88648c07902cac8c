import type { JobWithMetadata, PgBoss } from 'pg-boss';
import type { Message } from '../../../protocol.ts';
import type { Clock } from '../clock.ts';
import type { Flight, Source } from '../courier.ts';
import type { Verdict } from '../outbox.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Claim, JobData, Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Connections } from './sql.ts';

/** Collaborators of {@link createSource}. */
export interface SourceParts {
  readonly connections: Connections;
  readonly boss: PgBoss;
  readonly queue: string;
  readonly schema: string;
  readonly jobs: Jobs;
  readonly graveyard: Graveyard;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly holdsIncrement: (message: Message) => boolean;
}

/** A {@link Source} that is told when something may have become due. */
export interface PostgresSource extends Source {
  notify(): void;
  /** Gives up writing verdicts and keeping claims alive. */
  close(): void;
}

// Jobs of one fetch: pg-boss looks at every waiting job to find the heads of all lanes.
const BATCH = 16;
// Messages that other proxies stored are found by looking; our own appends wake us at once.
const POLL_MS = 1_000;
// A lane that joined another waits for what is in flight there.
const JOINED_MS = 200;
const SETTLE_RETRY_MS = 1_000;

const AMBIGUOUS: Verdict & { kind: 'dead' } = {
  kind: 'dead',
  reason: 'ambiguous',
  detail: 'its proxy ended, or was cut off, while it was in flight',
};

/** Fetches jobs, keeps their claims alive and writes what became of them. */
export function createSource(parts: SourceParts): PostgresSource {
  const { connections, boss, queue, schema, jobs, graveyard, ledger, clock } = parts;
  const claims = new Map<string, Claim>();
  let isReady = true;
  let isClosed = false;
  let wake = () => {};
  let cancelBeat = clock.after(parts.heartbeatMs, beat);

  function notify(): void {
    isReady = true;
    wake();
  }

  function beat(): void {
    if (isClosed) return;
    void keepClaims()
      .catch(() => {})
      .finally(() => {
        if (!isClosed) cancelBeat = clock.after(parts.heartbeatMs, beat);
      });
  }

  async function keepClaims(): Promise<void> {
    if (claims.size === 0) return;
    await boss.touch(queue, [...claims.values()]);
    await connections.query(`UPDATE ${schema}.flights SET at = now() WHERE job = ANY($1)`, [
      [...claims.keys()],
    ]);
  }

  async function write(claim: Claim, lane: string, data: JobData, verdict: Verdict): Promise<void> {
    if (verdict.kind === 'retry') {
      await jobs.again(claim, { ...data, attempts: data.attempts + 1 }, verdict.afterMs);
      return;
    }
    await connections.transaction(async (sql) => {
      // Taken over by another proxy, or erased: what became of it is no longer ours to say.
      if (!(await jobs.finish(sql, claim))) return;
      if (verdict.kind === 'done') await ledger.book(sql, { waiting: -1, bytes: -data.bytes });
      else await graveyard.bury(sql, lane, data, verdict.reason, verdict.detail);
    });
  }

  async function settle(
    claim: Claim,
    lane: string,
    data: JobData,
    verdict: Verdict,
  ): Promise<void> {
    while (!isClosed) {
      try {
        await write(claim, lane, data, verdict);
        break;
      } catch {
        await new Promise<void>((resolve) => clock.after(SETTLE_RETRY_MS, resolve));
      }
    }
    claims.delete(claim.id);
    notify();
    if (verdict.kind === 'retry' && verdict.afterMs < POLL_MS) clock.after(verdict.afterMs, notify);
  }

  /** A claimed job as a flight, unless it has to wait or died in flight before. */
  async function board(job: JobWithMetadata<JobData>): Promise<Flight | undefined> {
    const { id, retryCount, data } = job;
    const key = job.singletonKey ?? '';
    const message = JSON.parse(data.body) as Message;
    const isMarked = parts.holdsIncrement(message);
    claims.set(id, { id, retryCount, taken: 0 });
    const begun = await jobs.begin(id, key, isMarked);
    if (begun === undefined) {
      await jobs.again({ id, retryCount, taken: 0 }, data, JOINED_MS);
      claims.delete(id);
      clock.after(JOINED_MS, notify);
      return undefined;
    }
    const claim: Claim = { id, retryCount, taken: begun.taken };
    claims.set(id, claim);
    if (begun.wasMarked) {
      await settle(claim, key, data, AMBIGUOUS);
      return undefined;
    }
    return {
      message,
      lane: key,
      storedAt: data.storedAt,
      attempt: data.attempts + 1,
      begin: () => Promise.resolve(isMarked),
      release: () => {},
      settle: (verdict) => settle(claim, key, data, verdict),
    };
  }

  async function fetch(most: number): Promise<readonly JobWithMetadata<JobData>[]> {
    isReady = false;
    try {
      const options = { batchSize: Math.min(most, BATCH), includeMetadata: true } as const;
      const fetched = await boss.fetch<JobData>(queue, options);
      if (fetched.length > 0) isReady = true;
      return fetched;
    } catch {
      // The database is away; the next look is a second off.
      return [];
    }
  }

  return {
    batch: BATCH,
    ready(signal) {
      return new Promise((resolve) => {
        if (isReady || signal.aborted) return resolve();
        const cancel = clock.after(POLL_MS, go);
        function go(): void {
          cancel();
          signal.removeEventListener('abort', go);
          wake = () => {};
          resolve();
        }
        wake = go;
        signal.addEventListener('abort', go);
      });
    },
    async take(most) {
      const boarded = await Promise.all(
        (await fetch(most)).map((job) =>
          // Left alone, its claim lapses and somebody takes it again.
          board(job).catch(() => void claims.delete(job.id)),
        ),
      );
      return boarded.filter((flight) => flight !== undefined);
    },
    notify,
    close() {
      isClosed = true;
      cancelBeat();
      wake();
    },
  };
}

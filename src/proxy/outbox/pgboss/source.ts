import type { Message } from '../../../protocol.ts';
import type { Clock } from '../clock.ts';
import type { Flight, Source } from '../courier.ts';
import { CUT_SHORT } from '../cutShort.ts';
import type { Verdict } from '../outbox.ts';
import { type Claims, claimOf } from './claims.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Flights } from './flights.ts';
import type { Hand, HeldJob } from './hand.ts';
import type { Claim, JobData, Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Connections } from './sql.ts';

/** Collaborators of {@link createSource}. */
export interface SourceParts {
  readonly connections: Connections;
  readonly hand: Hand;
  readonly claims: Claims;
  readonly jobs: Jobs;
  readonly flights: Flights;
  readonly graveyard: Graveyard;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly holdsIncrement: (message: Message) => boolean;
}

/** A {@link Source} that is told when something may have become due. */
export interface PostgresSource extends Source {
  notify(): void;
  /** Gives up writing verdicts, and what was claimed. */
  close(): Promise<void>;
}

// Jobs that are begun at a time, as far as the gate lets them in.
const BATCH = 16;
// Messages that other proxies stored are found by looking; our own appends wake us at once.
const POLL_MS = 1_000;
// A lane that joined another waits for what is in flight there.
const JOINED_MS = 200;
const SETTLE_RETRY_MS = 1_000;

/** Takes jobs and writes what became of them. */
export function createSource(parts: SourceParts): PostgresSource {
  const { connections, hand, claims, jobs, flights, graveyard, ledger, clock } = parts;
  let isReady = true;
  let isClosed = false;
  let wake = () => {};

  function notify(): void {
    isReady = true;
    wake();
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
    claims.forget(claim);
    notify();
    if (verdict.kind === 'retry' && verdict.afterMs < POLL_MS) clock.after(verdict.afterMs, notify);
  }

  async function release(claim: Claim, data: JobData): Promise<void> {
    // Where it fails the claim lapses, which has the same effect later.
    await jobs.again(claim, data, 0).catch(() => {});
    claims.forget(claim);
  }

  /** A held job as a flight, unless it has to wait or died in flight before. */
  async function board(job: HeldJob): Promise<Flight | undefined> {
    const { data, singletonKey } = job;
    const lane = singletonKey ?? '';
    const message = JSON.parse(data.body) as Message;
    const isMarked = parts.holdsIncrement(message);
    const begun = await flights.begin(claimOf(job), lane, isMarked);
    if (begun === undefined) {
      await jobs.again(claimOf(job), data, JOINED_MS);
      claims.forget(claimOf(job));
      clock.after(JOINED_MS, notify);
      return undefined;
    }
    const claim: Claim = { ...claimOf(job), taken: begun.taken };
    if (begun.wasMarked) {
      await settle(claim, lane, data, CUT_SHORT);
      return undefined;
    }
    return {
      message,
      lane,
      storedAt: data.storedAt,
      attempt: data.attempts + 1,
      begin: () => Promise.resolve(isMarked),
      release: () => release(claim, data),
      settle: (verdict) => settle(claim, lane, data, verdict),
    };
  }

  async function held(most: number): Promise<readonly HeldJob[]> {
    isReady = false;
    try {
      const taken = await hand.take(most);
      for (const job of taken) claims.add(claimOf(job));
      if (taken.length > 0) isReady = true;
      return taken;
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
        (await held(most)).map((job) =>
          // Left alone, its claim lapses and somebody takes it again.
          board(job).catch(() => claims.forget(claimOf(job))),
        ),
      );
      return boarded.filter((flight) => flight !== undefined);
    },
    notify,
    async close() {
      isClosed = true;
      wake();
      await claims.close();
    },
  };
}

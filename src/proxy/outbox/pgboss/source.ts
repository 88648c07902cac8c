import type { PgBoss } from 'pg-boss';
import type { Message } from '../../../protocol.ts';
import type { Clock } from '../clock.ts';
import type { Flight, Source } from '../courier.ts';
import { CUT_SHORT } from '../cutShort.ts';
import type { Verdict } from '../outbox.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Hand, HeldJob } from './hand.ts';
import type { Claim, JobData, Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Connections } from './sql.ts';

/** Collaborators of {@link createSource}. */
export interface SourceParts {
  readonly connections: Connections;
  readonly boss: PgBoss;
  readonly queue: string;
  readonly schema: string;
  readonly hand: Hand;
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
  /** Gives back what was not begun; gives up writing verdicts and keeping claims alive. */
  close(): Promise<void>;
}

// Jobs that are begun at a time, as far as the gate lets them in.
const BATCH = 16;
// Messages that other proxies stored are found by looking; our own appends wake us at once.
const POLL_MS = 1_000;
// A lane that joined another waits for what is in flight there.
const JOINED_MS = 200;
// While our way to SendX is shut another proxy's may be open: it gets what we only hold.
const HOLD_MS = 30_000;
const SETTLE_RETRY_MS = 1_000;

const claimOf = ({ id, retryCount }: HeldJob): Claim => ({ id, retryCount, taken: 0 });

/** Takes jobs, keeps their claims alive and writes what became of them. */
export function createSource(parts: SourceParts): PostgresSource {
  const { connections, boss, queue, schema, hand, jobs, graveyard, ledger, clock } = parts;
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
    void keepClaims()
      // The database is away; the claims outlast three beats that fail.
      .catch(() => {})
      .finally(() => {
        if (!isClosed) cancelBeat = clock.after(parts.heartbeatMs, beat);
      });
  }

  async function keepClaims(): Promise<void> {
    if (hand.jobs.length > 0 && clock.elapsed() - hand.since() > HOLD_MS) await giveBack();
    const kept = [...claims.values(), ...hand.jobs.map(claimOf)];
    if (kept.length === 0) return;
    await boss.touch(queue, kept);
    await connections.query(`UPDATE ${schema}.flights SET at = now() WHERE job = ANY($1)`, [
      [...claims.keys()],
    ]);
  }

  async function giveBack(): Promise<void> {
    const held = hand.drop().map(claimOf);
    if (held.length > 0) await jobs.giveBack(held);
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

  async function release(claim: Claim, data: JobData): Promise<void> {
    // Where it fails the claim lapses, which has the same effect later.
    await jobs.again(claim, data, 0).catch(() => {});
    claims.delete(claim.id);
  }

  /** A held job as a flight, unless it has to wait or died in flight before. */
  async function board(job: HeldJob): Promise<Flight | undefined> {
    const { data, singletonKey } = job;
    const lane = singletonKey ?? '';
    const message = JSON.parse(data.body) as Message;
    const isMarked = parts.holdsIncrement(message);
    const begun = await jobs.begin(claimOf(job), lane, isMarked);
    if (begun === undefined) {
      await jobs.again(claimOf(job), data, JOINED_MS);
      claims.delete(job.id);
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
      for (const job of taken) claims.set(job.id, claimOf(job));
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
          board(job).catch(() => void claims.delete(job.id)),
        ),
      );
      return boarded.filter((flight) => flight !== undefined);
    },
    notify,
    async close() {
      isClosed = true;
      cancelBeat();
      wake();
      await giveBack().catch(() => {});
    },
  };
}

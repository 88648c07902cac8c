import type { Clock } from '../clock.ts';
import type { Verdict } from '../outbox.ts';
import type { Claims } from './claims.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Claim, JobData, Jobs } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Readiness } from './readiness.ts';
import type { Connections } from './sql.ts';

/** Collaborators of {@link createVerdicts}. */
export interface VerdictsParts {
  readonly connections: Connections;
  readonly claims: Claims;
  readonly jobs: Jobs;
  readonly graveyard: Graveyard;
  readonly ledger: Ledger;
  readonly readiness: Readiness;
  readonly clock: Clock;
}

/** Writes what became of claimed jobs. */
export interface Verdicts {
  /** Writes it durably, however often that takes, and lets go of the claim. Never rejects. */
  settle(claim: Claim, lane: string, data: JobData, verdict: Verdict): Promise<void>;
  /** Gives up trying to write. */
  close(): void;
}

// A verdict that the database refuses is kept and written again: what is delivered is not to be
// delivered twice.
const SETTLE_RETRY_MS = 1_000;

/** Makes what settles claims. */
export function createVerdicts(parts: VerdictsParts): Verdicts {
  const { connections, claims, jobs, graveyard, ledger, readiness, clock } = parts;
  let isClosed = false;

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

  return {
    async settle(claim, lane, data, verdict) {
      while (!isClosed) {
        try {
          await write(claim, lane, data, verdict);
          break;
        } catch {
          await new Promise<void>((resolve) => clock.after(SETTLE_RETRY_MS, resolve));
        }
      }
      claims.forget(claim);
      readiness.notify();
      if (verdict.kind === 'retry') readiness.notifyAfter(verdict.afterMs);
    },
    close() {
      isClosed = true;
    },
  };
}

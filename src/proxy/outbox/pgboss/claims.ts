import type { PgBoss } from 'pg-boss';
import type { Clock } from '../clock.ts';
import { repeat } from '../repeat.ts';
import type { Flights } from './flights.ts';
import type { Hand, HeldJob } from './hand.ts';
import type { Claim, Jobs } from './jobs.ts';

/** Collaborators of {@link createClaims}. */
export interface ClaimsParts {
  readonly boss: PgBoss;
  readonly queue: string;
  readonly hand: Hand;
  readonly jobs: Jobs;
  readonly flights: Flights;
  readonly clock: Clock;
  /** Milliseconds from one word of life to the next. */
  readonly heartbeatMs: number;
}

/** What this proxy has claimed: kept alive until it is forgotten. */
export interface Claims {
  add(claim: Claim): void;
  forget(claim: Claim): void;
  /** Gives back what was not begun, and keeps nothing alive any more. */
  close(): Promise<void>;
}

// While our way to SendX is shut another proxy's may be open: it gets what we only hold.
const HOLD_MS = 30_000;

/** The claim of a job that has not begun. */
export const claimOf = ({ id, retryCount }: HeldJob): Claim => ({ id, retryCount, taken: 0 });

/** No claims yet; those in `hand` are kept alive too. */
export function createClaims(parts: ClaimsParts): Claims {
  const { hand, jobs, clock, heartbeatMs } = parts;
  const claims = new Map<string, Claim>();
  // While the database is away: claims outlast three beats that fail.
  const stopBeating = repeat(clock, heartbeatMs, keep);

  async function keep(): Promise<void> {
    if (hand.jobs.length > 0 && clock.elapsed() - hand.since() > HOLD_MS) await giveBack();
    const kept = [...claims.values(), ...hand.jobs.map(claimOf)];
    if (kept.length === 0) return;
    await parts.boss.touch(parts.queue, kept);
    await parts.flights.touch([...claims.keys()]);
  }

  async function giveBack(): Promise<void> {
    const held = hand.drop().map(claimOf);
    if (held.length > 0) await jobs.giveBack(held);
  }

  return {
    add: (claim) => void claims.set(claim.id, claim),
    forget({ id, retryCount }) {
      // A claim that lapsed may end while the job is ours again by another.
      if (claims.get(id)?.retryCount === retryCount) claims.delete(id);
    },
    async close() {
      stopBeating();
      await giveBack().catch(() => {});
    },
  };
}

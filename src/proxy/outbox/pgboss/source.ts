import type { Message } from '../../../protocol.ts';
import { CUT_SHORT } from '../cutShort.ts';
import type { Flight, Source } from '../source.ts';
import { type Claims, claimOf } from './claims.ts';
import type { Flights } from './flights.ts';
import type { Hand, HeldJob } from './hand.ts';
import type { Claim, JobData, Jobs } from './jobs.ts';
import type { Readiness } from './readiness.ts';
import type { Verdicts } from './verdicts.ts';

/** Collaborators of {@link createSource}. */
export interface SourceParts {
  readonly hand: Hand;
  readonly claims: Claims;
  readonly jobs: Jobs;
  readonly flights: Flights;
  readonly verdicts: Verdicts;
  readonly readiness: Readiness;
  readonly holdsIncrement: (message: Message) => boolean;
}

// Jobs that are begun at a time, as far as the gate lets them in.
const BATCH = 16;
// A lane that joined another waits for what is in flight there.
const JOINED_MS = 200;

/** Takes jobs and puts them in flight. */
export function createSource(parts: SourceParts): Source {
  const { hand, claims, jobs, flights, verdicts, readiness } = parts;

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
      readiness.notifyAfter(JOINED_MS);
      return undefined;
    }
    const claim: Claim = { ...claimOf(job), taken: begun.taken };
    if (begun.wasMarked) {
      await verdicts.settle(claim, lane, data, CUT_SHORT);
      return undefined;
    }
    return {
      message,
      lane,
      storedAt: data.storedAt,
      attempt: data.attempts + 1,
      begin: () => Promise.resolve(isMarked),
      release: () => release(claim, data),
      settle: (verdict) => verdicts.settle(claim, lane, data, verdict),
    };
  }

  async function held(most: number): Promise<readonly HeldJob[]> {
    readiness.reset();
    try {
      const taken = await hand.take(most);
      for (const job of taken) claims.add(claimOf(job));
      if (taken.length > 0) readiness.notify();
      return taken;
    } catch {
      // The database is away; the next look is a second off.
      return [];
    }
  }

  return {
    batch: BATCH,
    ready: readiness.ready,
    async take(most) {
      const boarded = await Promise.all(
        (await held(most)).map((job) =>
          // Left alone, its claim lapses and somebody takes it again.
          board(job).catch(() => claims.forget(claimOf(job))),
        ),
      );
      return boarded.filter((flight) => flight !== undefined);
    },
  };
}

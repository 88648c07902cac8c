import type { Message, RefusalCode, Result } from '../protocol.ts';
import type { Log } from './log.ts';
import type { Appended, Outbox } from './outbox/outbox.ts';
import type { Rate } from './policy/rate.ts';
import type { Signatures } from './policy/signature.ts';
import type { Judge } from './policy.ts';
import type { Telemetry } from './telemetry.ts';
import type { Entry } from './validation.ts';

/**
 * Judges and stores the messages of one envelope; a result for each entry, in their order.
 *
 * @throws {OutboxFull} and whatever else the outbox throws: nothing was stored then.
 */
export type Settle = (entries: readonly Entry[]) => Promise<readonly Result[]>;

/** What {@link createSettle} works with. */
export interface SettleParts {
  readonly signatures: Pick<Signatures, 'check'>;
  readonly judge: Judge;
  /** Counts the messages of a contact, by its lane; signed ones apart. */
  readonly rate: Rate;
  readonly outbox: Pick<Outbox, 'append' | 'laneOf'>;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** A message that the policy lets through. */
interface Kept {
  readonly kept: Message;
  readonly isSigned: boolean;
}

/** Creates the {@link Settle} of a proxy. */
export function createSettle(parts: SettleParts): Settle {
  const { signatures, judge, rate, outbox, telemetry, log, clock } = parts;

  return async (entries) => {
    const judged = await Promise.all(entries.map(judgeEntry));
    const kept: Kept[] = [];
    const admitted: (Result | Kept)[] = [];
    // After one that comes later all do: the next may be of the same contact by its new address,
    // or fall into the limiter's next window, and would overtake it.
    let isOver = false;
    for (const item of judged) {
      const admission: Result | Kept = 'kept' in item ? await admit(item, isOver) : item;
      if ('kept' in admission) kept.push(admission);
      else isOver ||= admission.status === 'later';
      admitted.push(admission);
    }
    const appended = await append(kept.map((item) => item.kept));
    let next = 0;
    return admitted.map((item) => {
      const result = 'kept' in item ? toResult(item.kept.id, appended[next++]) : item;
      const code = result.status === 'refused' ? { code: result.code } : {};
      telemetry.result(result.status, code.code);
      log.debug('Result', { id: result.id, state: result.status, ...code });
      return result;
    });
  };

  async function judgeEntry(entry: Entry): Promise<Result | Kept> {
    if (!('message' in entry)) {
      return entry.code === 'later'
        ? { id: entry.id, status: 'later' }
        : refusal(entry.id, entry.code, entry.reason);
    }
    const { id, email, signature } = entry.message;
    const state = await signatures.check(email, signature);
    const judgement = judge(entry.message, state);
    return 'message' in judgement
      ? { kept: judgement.message, isSigned: state === 'right' }
      : refusal(id, judgement.code, judgement.reason);
  }

  async function admit(item: Kept, isOver: boolean): Promise<Result | Kept> {
    const { id, email } = item.kept;
    const lane = outbox.laneOf(email);
    // Whoever claims an address must not use up what its owner may say.
    const isExcess = isOver || (await rate(item.isSigned ? `signed ${lane}` : lane));
    return isExcess ? { id, status: 'later' } : item;
  }

  async function append(messages: readonly Message[]): Promise<readonly Appended[]> {
    if (messages.length === 0) return [];
    const started = clock();
    const appended = await outbox.append(messages);
    telemetry.appended(messages.length, (clock() - started) / 1000);
    return appended;
  }
}

function toResult(id: string, appended: Appended | undefined): Result {
  switch (appended) {
    case 'stored':
      return { id, status: 'accepted' };
    case 'duplicate':
      return { id, status: 'duplicate' };
    case 'rejected':
      return refusal(id, 'rejected', 'SendX does not accept it');
    default:
      return { id, status: 'later' };
  }
}

function refusal(id: string, code: RefusalCode, reason: string): Result {
  return { id, status: 'refused', code, message: `The message was dropped: ${reason}.` };
}

import type { Message } from '../../../src/protocol.ts';
import type { Appended, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { holdsIncrement } from './scripted.ts';

interface Entry {
  readonly message: Message;
  lane: number;
  attempts: number;
}

/** What an outbox promises, in memory and in the plainest way. */
export function createOutboxModel() {
  const seen = new Map<string, Entry>();
  let lanes = 0;
  const laneOf = new Map<string, number>();
  let waiting: Entry[] = [];
  let flying: Entry[] = [];
  let dead: Entry[] = [];

  function lane(email: string): number {
    const known = laneOf.get(email.toLowerCase());
    if (known !== undefined) return known;
    lanes += 1;
    laneOf.set(email.toLowerCase(), lanes);
    return lanes;
  }

  function join(from: number, into: number): void {
    for (const [email, number] of laneOf) if (number === from) laneOf.set(email, into);
    for (const entry of seen.values()) if (entry.lane === from) entry.lane = into;
  }

  const heads = () =>
    waiting.filter(
      (entry, index) => waiting.findIndex((other) => other.lane === entry.lane) === index,
    );

  return {
    waiting: () => waiting.map(({ message }) => message.id),
    inFlight: () => flying.length,
    dead: () => dead.map(({ message }) => message.id),

    append(messages: readonly Message[]): Appended[] {
      return messages.map((message) => {
        if (seen.has(message.id)) return 'duplicate';
        const own = lane(message.email);
        const entry = { message, lane: own, attempts: 0 };
        seen.set(message.id, entry);
        waiting.push(entry);
        const renamed = message.type === 'identify' ? message.traits.newEmail : undefined;
        if (renamed !== undefined) join(lane(renamed), own);
        return 'stored';
      });
    },

    /** The outbox started this message; throws if it may not now. */
    start({ id }: Message, attempt: number): Entry {
      const entry = heads().find((head) => head.message.id === id);
      if (entry === undefined) throw new Error(`${id} is not the head of a lane`);
      const rival = flying.find((other) => other.lane === entry.lane);
      if (rival !== undefined)
        throw new Error(`${id} starts while ${rival.message.id} is in flight`);
      if (attempt !== entry.attempts + 1) throw new Error(`${id} starts with attempt ${attempt}`);
      flying.push(entry);
      return entry;
    },

    settle(entry: Entry, verdict: Verdict): void {
      flying = flying.filter((other) => other !== entry);
      if (!waiting.includes(entry)) return;
      entry.attempts += 1;
      if (verdict.kind === 'retry') return;
      waiting = waiting.filter((other) => other !== entry);
      if (verdict.kind === 'dead') dead.push(entry);
    },

    /** The process ended: what was in flight waits again, and an increment is ambiguous. */
    crash(): void {
      for (const entry of flying) {
        if (!waiting.includes(entry) || !holdsIncrement(entry.message)) continue;
        waiting = waiting.filter((other) => other !== entry);
        dead.push(entry);
      }
      flying = [];
    },

    revive(id: string): boolean {
      const entry = dead.find(({ message }) => message.id === id);
      if (entry === undefined) return false;
      dead = dead.filter((other) => other !== entry);
      const revived = { ...entry, lane: lane(entry.message.email), attempts: 0 };
      seen.set(id, revived);
      waiting.push(revived);
      return true;
    },

    erase(email: string): number {
      const erased = lane(email);
      const before = waiting.length + dead.length;
      for (const [id, entry] of seen) if (entry.lane === erased) seen.delete(id);
      for (const [address, number] of laneOf) if (number === erased) laneOf.delete(address);
      waiting = waiting.filter((entry) => entry.lane !== erased);
      dead = dead.filter((entry) => entry.lane !== erased);
      return before - waiting.length - dead.length;
    },
  };
}

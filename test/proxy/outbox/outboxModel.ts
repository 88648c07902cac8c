import type { Message } from '../../../src/protocol.ts';
import type { Appended, Verdict } from '../../../src/proxy/outbox/outbox.ts';
import { holdsIncrement } from './scripted.ts';

interface Entry {
  readonly message: Message;
  lane: number;
  attempts: number;
  /** Those that waited in another lane when that joined this one or was joined. */
  readonly strangers: Set<Entry>;
}

/** Something started it; `worker` tells several apart. */
interface Start {
  readonly worker: number;
  readonly attempt: number;
}

/**
 * What an outbox promises, in memory and in the plainest way.
 *
 * @param isShared - whether it is shared by several processes. Then what has started meanwhile is
 * known a moment late, and which of two that waited in different lanes is first once the lanes have
 * joined depends on what was claimed before. What comes later stays behind both.
 */
export function createOutboxModel(isShared = false) {
  const seen = new Map<string, Entry>();
  let lanes = 0;
  const laneOf = new Map<string, number>();
  let waiting: Entry[] = [];
  let flying: { readonly entry: Entry; readonly worker: number }[] = [];
  let dead: Entry[] = [];
  const erased = new Set<string>();
  let isJoining = false;

  function lane(email: string): number {
    const known = laneOf.get(email.toLowerCase());
    if (known !== undefined) return known;
    lanes += 1;
    laneOf.set(email.toLowerCase(), lanes);
    return lanes;
  }

  function join(from: number, into: number): void {
    for (const [email, number] of laneOf) if (number === from) laneOf.set(email, into);
    const [guests, hosts] = [from, into].map((number) =>
      waiting.filter((entry) => entry.lane === number),
    );
    for (const guest of guests ?? []) {
      for (const host of hosts ?? []) {
        guest.strangers.add(host);
        host.strangers.add(guest);
      }
    }
    for (const entry of seen.values()) if (entry.lane === from) entry.lane = into;
  }

  /** Whether two messages belong to one lane, however far a join that is under way has come. */
  const isNeighbour = (one: Entry, other: Entry) =>
    isJoining
      ? one.message.email.toLowerCase() === other.message.email.toLowerCase()
      : one.lane === other.lane;

  /** What has to go before `entry`. */
  function predecessor(entry: Entry): Entry | undefined {
    const earlier = waiting.slice(0, waiting.indexOf(entry));
    const isBefore = (other: Entry) =>
      isNeighbour(other, entry) && !(isShared && entry.strangers.has(other));
    return earlier.find(isBefore);
  }

  return {
    waiting: () => waiting.map(({ message }) => message.id),
    isFlying: (id: string) => flying.some(({ entry }) => entry.message.id === id),
    inFlight: () => flying.length,
    dead: () => dead.map(({ message }) => message.id),

    append(messages: readonly Message[]): Appended[] {
      return messages.map((message) => {
        if (seen.has(message.id)) return 'duplicate';
        const own = lane(message.email);
        const entry = { message, lane: own, attempts: 0, strangers: new Set<Entry>() };
        seen.set(message.id, entry);
        waiting.push(entry);
        const renamed = message.type === 'identify' ? message.traits.newEmail : undefined;
        if (renamed !== undefined) join(lane(renamed), own);
        return 'stored';
      });
    },

    /** The outbox started this message; throws if it may not now. */
    start(message: Message, { worker, attempt }: Start): Entry {
      const { id } = message;
      const entry = waiting.find((other) => other.message.id === id);
      if (entry === undefined && isShared && erased.has(id)) {
        return { message, lane: 0, attempts: 0, strangers: new Set() };
      }
      if (entry === undefined) throw new Error(`${id} does not wait`);
      const first = predecessor(entry);
      if (first !== undefined) throw new Error(`${id} starts before ${first.message.id}`);
      const rival = flying.find(({ entry: other }) => isNeighbour(other, entry))?.entry;
      if (rival !== undefined)
        throw new Error(`${id} starts while ${rival.message.id} is in flight`);
      if (attempt !== entry.attempts + 1) throw new Error(`${id} starts with attempt ${attempt}`);
      flying.push({ entry, worker });
      return entry;
    },

    settle(entry: Entry, verdict: Verdict): void {
      flying = flying.filter((flight) => flight.entry !== entry);
      if (!waiting.includes(entry)) return;
      entry.attempts += 1;
      if (verdict.kind === 'retry') return;
      waiting = waiting.filter((other) => other !== entry);
      if (verdict.kind === 'dead') dead.push(entry);
    },

    /** A worker ended: what it had in flight waits again, and an increment is ambiguous. */
    crash(worker: number): void {
      for (const { entry } of flying.filter((flight) => flight.worker === worker)) {
        if (!waiting.includes(entry) || !holdsIncrement(entry.message)) continue;
        waiting = waiting.filter((other) => other !== entry);
        dead.push(entry);
      }
      flying = flying.filter((flight) => flight.worker !== worker);
    },

    /** A worker ended when it had marked this increment and not yet started it. */
    lose(id: string): void {
      const entry = waiting.find(({ message }) => message.id === id);
      if (entry === undefined) return;
      waiting = waiting.filter((other) => other !== entry);
      dead.push(entry);
    },

    revive(id: string): boolean {
      const entry = dead.find(({ message }) => message.id === id);
      if (entry === undefined) return false;
      dead = dead.filter((other) => other !== entry);
      const revived = {
        ...entry,
        lane: lane(entry.message.email),
        attempts: 0,
        strangers: new Set<Entry>(),
      };
      seen.set(id, revived);
      waiting.push(revived);
      return true;
    },

    /** While lanes join, a start may have been decided before or after. */
    joining(now: boolean): void {
      isJoining = now;
    },

    erase(email: string): number {
      const forgotten = lane(email);
      const before = waiting.length + dead.length;
      for (const [id, entry] of seen) {
        if (entry.lane !== forgotten) continue;
        seen.delete(id);
        erased.add(id);
      }
      for (const [address, number] of laneOf) if (number === forgotten) laneOf.delete(address);
      waiting = waiting.filter((entry) => entry.lane !== forgotten);
      dead = dead.filter((entry) => entry.lane !== forgotten);
      return before - waiting.length - dead.length;
    },
  };
}

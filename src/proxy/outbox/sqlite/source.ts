import type { Message } from '../../../protocol.ts';
import type { Bell } from '../bell.ts';
import type { Clock } from '../clock.ts';
import { CUT_SHORT } from '../cutShort.ts';
import type { Verdict } from '../outbox.ts';
import type { Flight, Source } from '../source.ts';
import type { Commit } from './commit.ts';
import type { Graveyard } from './deadLetters.ts';
import type { Flights } from './flights.ts';
import type { Lanes, WaitingLane } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { Messages, Waiting } from './messages.ts';

/** Collaborators of {@link createSource}. */
export interface SourceParts {
  readonly lanes: Lanes;
  readonly messages: Messages;
  readonly graveyard: Graveyard;
  readonly flights: Flights;
  readonly ledger: Ledger;
  readonly commit: Commit;
  /** Rung when something may have become due. */
  readonly bell: Bell;
  readonly clock: Clock;
  readonly holdsIncrement: (message: Message) => boolean;
}

/** A {@link Source} that can be closed. */
export interface SqliteSource extends Source {
  /** Gives up writing verdicts. */
  close(): void;
}

// Lanes chosen by one query: enough to spread its cost, few enough to stay current.
const WINDOW = 256;
// A verdict that the disk refuses is kept and written again: delivered is not to be delivered twice.
const SETTLE_RETRY_MS = 1_000;

/** Chooses lanes, hands out their heads and writes what became of them. */
export function createSource(parts: SourceParts): SqliteSource {
  const { lanes, messages, graveyard, flights, ledger, commit, bell, clock } = parts;
  let window: WaitingLane[] = [];
  let closed = false;

  /** Brings a lane that is due and free to the front of the window; `false` if there is none. */
  function peek(time: number): boolean {
    const skipBusy = () => {
      while (window[0] !== undefined && flights.busy(window[0].lane)) window.shift();
      return window.length > 0;
    };
    if (skipBusy()) return true;
    window = [...lanes.due(time, WINDOW + flights.size)];
    return skipBusy();
  }

  async function settle(seq: number, verdict: Verdict): Promise<void> {
    const write = () => {
      const waiting = messages.get(seq);
      // Erased meanwhile: the contact is forgotten, whatever came of the attempt.
      if (waiting === undefined) return;
      if (verdict.kind === 'retry') return messages.failed(waiting, verdict.afterMs);
      messages.remove(waiting);
      if (verdict.kind === 'dead') graveyard.bury(waiting, verdict.reason, verdict.detail);
    };
    while (!closed) {
      try {
        return await commit(write, () => land(seq));
      } catch {
        await new Promise<void>((resolve) => clock.after(SETTLE_RETRY_MS, resolve));
      }
    }
  }

  function land(seq: number): void {
    flights.land(seq);
    bell.ring();
  }

  function flightOf(waiting: Waiting): Flight {
    const message = JSON.parse(waiting.body) as Message;
    return {
      message,
      lane: waiting.lane,
      storedAt: waiting.stored_at,
      attempt: waiting.attempts + 1,
      begin: async () => {
        if (!parts.holdsIncrement(message)) return false;
        await commit(() => messages.mark(waiting.seq));
        return true;
      },
      release: async () => land(waiting.seq),
      settle: (verdict) => settle(waiting.seq, verdict),
    };
  }

  return {
    // Taking costs microseconds here, so that one at a time is no slower.
    batch: 1,
    async ready(signal) {
      // One reading for both questions: a lane due between two would be missed by either.
      const time = ledger.time();
      if (signal.aborted || peek(time)) return;
      const next = lanes.nextDue(time);
      await bell.wait(next && next - time, signal);
    },
    async take() {
      if (!peek(ledger.time())) return [];
      const lane = window.shift();
      const waiting = lane && messages.head(lane.number);
      // Its number may have gone to another lane since it was chosen.
      if (waiting === undefined || flights.busy(waiting.lane)) return [];
      flights.depart(waiting.seq, waiting.lane);
      if (waiting.marked === 0) return [flightOf(waiting)];
      await settle(waiting.seq, CUT_SHORT);
      return [];
    },
    close() {
      closed = true;
    },
  };
}

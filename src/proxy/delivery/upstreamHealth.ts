import type { DeliveryEvent } from '../delivery.ts';
import type { SendxFailure } from '../sendx/errors.ts';
import type { CircuitState } from './circuit.ts';
import type { CircuitGate } from './gate.ts';
import { blame, type UpstreamReason } from './verdict.ts';

/** How SendX does, as far as deliveries tell. Times are milliseconds since the epoch. */
export interface UpstreamHealth {
  /** Whether lanes are held back. Failures of a few lanes leave it `closed`. */
  readonly state: CircuitState;
  /** Why every lane is held back, where that is known. */
  readonly reason?: UpstreamReason;
  /**
   * The last failure that is not its message's, until SendX answers again, or nobody asks it any
   * more: what fails for good, or goes to another proxy, is not tried again here.
   */
  readonly trouble?: {
    readonly failure: SendxFailure['kind'];
    readonly status?: number;
    /** When the first of them in a row came. */
    readonly since: number;
  };
  /** When SendX last took or refused a message. */
  readonly answeredAt?: number;
  /** Milliseconds until SendX is asked again; 0 when something can go out now. */
  readonly waitMs: number;
}

/** Learns from deliveries how SendX does. */
export interface UpstreamWatch {
  delivered(event: DeliveryEvent): void;
  read(): UpstreamHealth;
}

// Beyond the time of a next attempt, for its place in the queue and its timeout: 5 min.
const OVERDUE_MS = 5 * 60 * 1000;

/** Watches SendX through `gate` and what is told of deliveries. */
export function createUpstreamWatch(
  gate: Pick<CircuitGate, 'state' | 'reason' | 'waitMs'>,
  clock: () => number = Date.now,
): UpstreamWatch {
  let trouble: UpstreamHealth['trouble'];
  let answeredAt: number | undefined;
  /** When the first of the lanes in trouble tries again. */
  let dueAt = 0;
  /** When the last of them does. */
  let lastDueAt = 0;
  const isOverdue = () => clock() > lastDueAt + OVERDUE_MS;
  return {
    delivered({ failure, status, afterMs = 0 }) {
      const fault = failure === undefined ? 'message' : blame(failure);
      if (fault === 'us') return;
      const now = clock();
      if (fault === 'message' || failure === undefined) {
        answeredAt = now;
        trouble = undefined;
        return;
      }
      if (isOverdue()) trouble = undefined;
      const since = trouble?.since ?? now;
      const isDue = trouble === undefined || dueAt <= now;
      dueAt = isDue ? now + afterMs : Math.min(dueAt, now + afterMs);
      lastDueAt = Math.max(lastDueAt, now + Math.max(afterMs, gate.waitMs()));
      trouble = { failure, since, ...(status !== undefined && { status }) };
    },
    read() {
      const state = gate.state();
      if (state === 'closed' && isOverdue()) trouble = undefined;
      const reason = gate.reason();
      const own = trouble === undefined ? 0 : Math.max(0, dueAt - clock());
      return {
        state,
        ...(reason !== undefined && { reason }),
        ...(trouble && { trouble }),
        ...(answeredAt !== undefined && { answeredAt }),
        waitMs: Math.round(state === 'closed' ? own : gate.waitMs()),
      };
    },
  };
}

/** What goes wrong. */
export type FaultKind =
  /** This status, with `body` as JSON and `retryAfter` as the header if given. */
  | { readonly kind: 'status'; readonly status: number; readonly body?: unknown }
  /** 200 with JSON that stops in the middle. */
  | { readonly kind: 'malformed' }
  /** 200 whose body says that it failed: `{"status":"error",…}`, or `body`. */
  | { readonly kind: 'error-body'; readonly body?: unknown }
  /** The right answer, late; see {@link FaultBounds.delayMs}. */
  | { readonly kind: 'delay' }
  /** No answer until the caller gives up or the faults are cleared. */
  | { readonly kind: 'hang' }
  /** The connection is cut instead of an answer. */
  | { readonly kind: 'cut' };

/** When and whom a fault hits. Without `times` and `forMs` it hits one call. */
export interface FaultBounds {
  /** The next so many calls. */
  readonly times?: number;
  /** Every call for so many milliseconds from now. */
  readonly forMs?: number;
  /** Only calls whose path contains this: `"/identify"`, `"/rest/"`. */
  readonly path?: string;
  /** Only calls about this address, in any case. */
  readonly email?: string;
  /** Milliseconds that pass before the fault shows. @defaultValue 0 */
  readonly delayMs?: number;
  /**
   * Whether the call takes effect all the same, as when the answer alone is lost. A `delay`
   * always does.
   *
   * @defaultValue `false`
   */
  readonly applies?: boolean;
  /** The `Retry-After` header: seconds, or an HTTP date. */
  readonly retryAfter?: number | string;
}

/** Something that goes wrong, scripted. */
export type Fault = FaultKind & FaultBounds;

/** A fault that waits for calls. */
export interface ArmedFault {
  /** Counts from 1. */
  readonly id: number;
  readonly fault: Fault;
  /** Calls hit so far. */
  readonly hits: number;
  /** When it ends, in milliseconds since the epoch, where `forMs` was given. */
  readonly until?: number;
}

/** What a fault is matched against. */
export interface FaultTarget {
  readonly path: string;
  readonly email: string | undefined;
}

/** The faults in force. */
export interface FaultPlan {
  /** Arms a fault behind those already there. */
  add(fault: Fault): ArmedFault;
  /** The first fault that this call is to meet, used up by one. */
  take(target: FaultTarget): Fault | undefined;
  /** Faults that may still hit. */
  armed(): readonly ArmedFault[];
  /** Disarms all and releases the calls that hang. */
  clear(): void;
  /** Calls back at the next {@link FaultPlan.clear}; the function returned forgets that. */
  onClear(listener: () => void): () => void;
}

const sameEmail = (left: string, right: string | undefined) =>
  left.trim().toLowerCase() === right?.trim().toLowerCase();

/** Whether a call takes effect in spite of a fault. */
export const takesEffect = (fault: Fault): boolean =>
  fault.kind === 'delay' || fault.applies === true;

/** A fault in words, for the journal. */
export function describeFault(fault: Fault): string {
  const name = fault.kind === 'status' ? `status ${fault.status}` : fault.kind.replace('-', ' ');
  const effect = fault.kind === 'delay' ? '' : takesEffect(fault) ? ', applied' : ', not applied';
  const late = fault.delayMs ? ` after ${fault.delayMs} ms` : '';
  return name + late + effect;
}

/**
 * Opens an empty plan.
 *
 * @param clock - Milliseconds since the epoch.
 */
export function createFaultPlan(clock: () => number): FaultPlan {
  let plan: readonly ArmedFault[] = [];
  let nextId = 1;
  const waiting = new Set<() => void>();

  const isArmed = ({ fault, hits, until }: ArmedFault) =>
    (until === undefined || clock() < until) &&
    hits < (fault.times ?? (until === undefined ? 1 : Number.POSITIVE_INFINITY));

  const matches = ({ fault }: ArmedFault, { path, email }: FaultTarget) =>
    (fault.path === undefined || path.includes(fault.path)) &&
    (fault.email === undefined || sameEmail(fault.email, email));

  return {
    add(fault) {
      const until = fault.forMs === undefined ? {} : { until: clock() + fault.forMs };
      const added: ArmedFault = { id: nextId, fault, hits: 0, ...until };
      nextId += 1;
      plan = [...plan.filter(isArmed), added];
      return added;
    },
    take(target) {
      plan = plan.filter(isArmed);
      const hit = plan.find((armed) => matches(armed, target));
      if (!hit) return undefined;
      plan = plan.map((armed) => (armed === hit ? { ...armed, hits: armed.hits + 1 } : armed));
      return hit.fault;
    },
    armed: () => plan.filter(isArmed),
    clear() {
      plan = [];
      for (const listener of waiting) listener();
      waiting.clear();
    },
    onClear(listener) {
      waiting.add(listener);
      return () => void waiting.delete(listener);
    },
  };
}

import type { UpstreamHealth } from '../delivery/upstreamHealth.ts';
import type { DeadLetter, Outbox, OutboxStats } from '../outbox/outbox.ts';

/** How the proxy is doing. */
export interface Status extends OutboxStats {
  /** Unknown where no proxy runs and the store was only opened. */
  readonly upstream?: UpstreamHealth;
  readonly version: string;
}

/** What an operator may ask of a proxy, whether it runs or only its store is at hand. */
export interface Operator {
  status(): Promise<Status>;
  /** Oldest first. */
  list(limit: number): Promise<readonly DeadLetter[]>;
  show(id: string): Promise<DeadLetter | undefined>;
  /** `false` if there is no dead letter by that id. */
  retry(id: string): Promise<boolean>;
  /** `false` if there is no dead letter by that id. */
  drop(id: string): Promise<boolean>;
  /** Forgets one contact; resolves to how many messages went. */
  erase(email: string): Promise<number>;
}

/** An {@link Operator} in the process of a proxy that runs. */
export interface LiveOperator extends Operator {
  status(): Promise<Status & Required<Pick<Status, 'upstream'>>>;
  /** Known while the store is away, too. */
  upstream(): UpstreamHealth;
}

type OperatorOutbox = Pick<Outbox, 'stats' | 'dead' | 'erase'>;

/** An {@link Operator} on an open outbox. */
export function createOperator(outbox: OperatorOutbox, version: string): Operator {
  return {
    status: async () => ({ version, ...(await outbox.stats()) }),
    list: (limit) => outbox.dead.list(limit),
    show: (id) => outbox.dead.get(id),
    retry: (id) => outbox.dead.retry(id),
    drop: (id) => outbox.dead.drop(id),
    erase: (email) => outbox.erase(email),
  };
}

/** A {@link LiveOperator} on the outbox that a proxy delivers from. */
export function createLiveOperator(
  outbox: OperatorOutbox,
  version: string,
  upstream: () => UpstreamHealth,
): LiveOperator {
  const operator = createOperator(outbox, version);
  return {
    ...operator,
    status: async () => ({ ...(await operator.status()), upstream: upstream() }),
    upstream,
  };
}

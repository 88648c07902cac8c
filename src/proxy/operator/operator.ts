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

/** An {@link Operator} on an open outbox. */
export function createOperator(
  outbox: Pick<Outbox, 'stats' | 'dead' | 'erase'>,
  version: string,
  upstream?: () => UpstreamHealth,
): Operator {
  return {
    status: async () => ({
      version,
      ...(await outbox.stats()),
      ...(upstream && { upstream: upstream() }),
    }),
    list: (limit) => outbox.dead.list(limit),
    show: (id) => outbox.dead.get(id),
    retry: (id) => outbox.dead.retry(id),
    drop: (id) => outbox.dead.drop(id),
    erase: (email) => outbox.erase(email),
  };
}

import { DEDUPE_MS, type Message } from '../../protocol.ts';
import { type Clock, systemClock } from './clock.ts';

/** Options of every outbox with a store. */
export interface StoreOptions {
  /** Whether a message must not be delivered twice. */
  readonly holdsIncrement: (message: Message) => boolean;
  /** Messages that may be kept, dead letters included. @defaultValue 1,000,000 */
  readonly maxRows?: number;
  /** Bytes of their JSON. @defaultValue 1 GiB */
  readonly maxBytes?: number;
  /** Dead letters kept; beyond them the oldest goes. @defaultValue 100,000 */
  readonly maxDead?: number;
  /** How long an id is remembered, in milliseconds. @defaultValue 8 days */
  readonly seenMs?: number;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock;
}

/** The options with the defaults of those that were not given. */
export function withDefaults(options: StoreOptions): Required<StoreOptions> {
  return {
    holdsIncrement: options.holdsIncrement,
    maxRows: options.maxRows ?? 1_000_000,
    maxBytes: options.maxBytes ?? 1024 * 1024 * 1024,
    maxDead: options.maxDead ?? 100_000,
    seenMs: options.seenMs ?? DEDUPE_MS,
    clock: options.clock ?? systemClock,
  };
}

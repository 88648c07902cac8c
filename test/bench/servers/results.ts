import type { Machine } from '../machine.ts';
import type { Spread } from '../spread.ts';

/** What the bench of the proxy found; all of the report comes from it. */
export interface ProxyResults {
  readonly machine: Machine;
  /** How often each was measured. */
  readonly rounds: Readonly<Record<'servers' | 'durable' | 'drain' | 'growth', number>>;
  /** The proxy first, here and below. */
  readonly servers: readonly ServerRow[];
  readonly durable: readonly RateRow[];
  readonly drain: readonly RateRow[];
  readonly backlog: readonly GrowthRow[];
  readonly contacts: readonly GrowthRow[];
}

/** Something a second, and the proxy's part of it in the same rounds. */
export interface RateRow {
  readonly name: string;
  readonly perSecond: Spread;
  readonly ratio: Spread;
}

/** A server that 16 connections keep asking. */
export interface ServerRow extends RateRow {
  /** Microseconds of CPU for a request. */
  readonly cpu: Spread;
  /** Milliseconds that 99 of 100 requests stay below. */
  readonly p99: Spread;
}

/** Messages a second of a store of some size. */
export interface GrowthRow {
  readonly size: number;
  readonly append: Spread;
  readonly drain: Spread;
}

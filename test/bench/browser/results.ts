import type { Machine } from '../machine.ts';
import type { Spread } from '../spread.ts';

/** What the bench of the snippet found; all of the report comes from it. */
export interface SnippetResults {
  readonly machine: Machine;
  readonly chromium: string;
  /** How often each was measured. */
  readonly rounds: Readonly<Record<'visits' | 'calls' | 'thousands' | 'wires' | 'submits', number>>;
  readonly contestants: readonly SnippetRow[];
  /** Who was not measured, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/** One contestant's figures; units as where they are measured. */
export interface SnippetRow {
  readonly name: string;
  readonly version: string;
  readonly note: string;
  readonly brotli: number;
  readonly install: Spread;
  readonly busy: Spread;
  readonly longTasks: Spread;
  readonly heap: Spread;
  /** Microseconds of each call, for so many in one task. */
  readonly calls: Readonly<Record<'1' | '20' | '1000', Spread>>;
  /** The same of 1,000, with the tasks of the second after them. */
  readonly whole: Spread;
  readonly requests: Spread;
  readonly preflights: Spread;
  readonly sent: Spread;
  readonly arrived: Spread;
  readonly writes: Spread;
  readonly early: Spread;
  readonly most: Spread;
  readonly left: Spread;
  /** Submits whose calls arrived, of `rounds.submits`. */
  readonly alone: number;
  readonly revisited: number;
  readonly outage: number;
}

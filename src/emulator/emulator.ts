import type { Automation, Firing } from './automations.ts';
import type { RateLimit } from './bucket.ts';
import type { Contact } from './contacts.ts';
import type { ArmedFault, Fault } from './faults.ts';
import type { FieldType } from './fields.ts';
import type { JournalEntry } from './journal.ts';
import type { RuleRow } from './ruleBook.ts';
import type { Rules } from './rules.ts';

/** How an emulator is to behave; every option has a default. */
export interface EmulatorOptions {
  /** The key that callers must send. @defaultValue `'emulator-key'` */
  readonly apiKey?: string;
  /** The team that legacy callers must name. @defaultValue `'emulator-team'` */
  readonly teamId?: string;
  /** Choices for undocumented rules. @defaultValue those of the table in `rules.ts` */
  readonly rules?: Partial<Rules>;
  /** The team's automations. @defaultValue the three of SendX's README, and one of a sign-up */
  readonly automations?: readonly Automation[];
  /** Custom fields that exist from the start, with their types. @defaultValue none */
  readonly fields?: Readonly<Record<string, FieldType>>;
  /** Calls beyond this are answered 429. @defaultValue no limit */
  readonly rateLimit?: RateLimit;
  /** Journal entries and firings kept, the newest ones. @defaultValue `10_000` */
  readonly limit?: number;
  /** Milliseconds since the epoch. @defaultValue `Date.now` */
  readonly clock?: () => number;
  /** From 0 up to 1, for ids. @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** What the automations are and did. */
export interface AutomationReport {
  readonly rules: readonly Automation[];
  /** Oldest first. */
  readonly fired: readonly Firing[];
}

/** What people and tests may ask of an emulator and do to it. */
export interface EmulatorState {
  /** In the order of creation. */
  contacts(): readonly Contact[];
  /** By address. */
  contact(email: string): Contact | undefined;
  /** Names of the lists that a contact is on, by its `encryptedId`. */
  listsOf(encryptedId: string): readonly string[];
  /** API requests, oldest first. */
  journal(): readonly JournalEntry[];
  automations(): AutomationReport;
  /** The undocumented rules and the choices in force. */
  rules(): readonly RuleRow[];
  /**
   * Flips rules.
   *
   * @throws RangeError where a rule or a choice does not exist; nothing is changed then.
   */
  setRules(rules: Partial<Rules>): void;
  /** Arms a fault behind those already there. */
  addFault(fault: Fault): ArmedFault;
  /** Faults that may still hit. */
  faults(): readonly ArmedFault[];
  /** Disarms all faults; calls that hang end as if cut. */
  clearFaults(): void;
  /** Contacts, journal, firings, faults and rules as at the start. */
  reset(): void;
}

/** What {@link Emulator.app} is to those who call it: a part of Hono's interface. */
export interface EmulatorApp {
  /** Answers a request; `env` is what a server binds to it. */
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** Answers a request made of a path or a URL, as tests do. */
  request(input: string | URL | Request, init?: RequestInit): Response | Promise<Response>;
}

/** A local SendX. */
export interface Emulator extends EmulatorState {
  /** Both surfaces, the endpoints below `/_emulator` and the live page at `/`. */
  readonly app: EmulatorApp;
  /**
   * The emulator as a `fetch` for clients in the same process: a cut connection rejects with a
   * `TypeError`, an aborted signal with its reason.
   */
  readonly fetch: typeof fetch;
  readonly apiKey: string;
  readonly teamId: string;
}

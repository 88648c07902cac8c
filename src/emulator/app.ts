import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createApi } from './api.ts';
import { type Automation, createAutomations, type Firing } from './automations.ts';
import { createBucket, type RateLimit } from './bucket.ts';
import { type Contact, createContacts } from './contacts.ts';
import { createDecision } from './decision.ts';
import { type ArmedFault, createFaultPlan, type Fault } from './faults.ts';
import type { FieldType } from './fields.ts';
import { createIds } from './ids.ts';
import { createJournal, type JournalEntry } from './journal.ts';
import { legacy } from './legacy.ts';
import { parseFault } from './parse-fault.ts';
import { createRedactor } from './redact.ts';
import { rest } from './rest.ts';
import { createRuleBook, type RuleRow, type Rules } from './rules.ts';

/** How an emulator is to behave; every option has a default. */
export interface EmulatorOptions {
  /** The key that callers must send. @defaultValue `'emulator-key'` */
  readonly apiKey?: string;
  /** The team that legacy callers must name. @defaultValue `'emulator-team'` */
  readonly teamId?: string;
  /** Choices for undocumented rules. @defaultValue those of `RULES` */
  readonly rules?: Partial<Rules>;
  /** The team's automations. @defaultValue the three of SendX's README */
  readonly automations?: readonly Automation[];
  /** Custom fields that exist from the start, with their types. @defaultValue none */
  readonly fields?: Readonly<Record<string, FieldType>>;
  /** Answers 429 beyond this. @defaultValue no limit */
  readonly rateLimit?: RateLimit;
  /** Journal entries and firings kept, the newest. @defaultValue `10_000` */
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

/** A local SendX. */
export interface Emulator {
  /** Both surfaces, the endpoints below `/_emulator` and the live page at `/`. */
  readonly app: Hono<{ Bindings: Partial<HttpBindings> }>;
  /**
   * The emulator as a `fetch`, for a client in the same process: cut connections reject with a
   * `TypeError`, an aborted signal rejects with its reason.
   */
  readonly fetch: typeof fetch;
  readonly apiKey: string;
  readonly teamId: string;
  /** In the order of creation. */
  contacts(): readonly Contact[];
  /** By address. */
  contact(email: string): Contact | undefined;
  /** Every API request, oldest first. */
  journal(): readonly JournalEntry[];
  automations(): AutomationReport;
  /** The undocumented rules and the choices in force. */
  rules(): readonly RuleRow[];
  /**
   * Flips rules.
   *
   * @throws RangeError where a rule or choice does not exist; nothing is changed then.
   */
  setRules(rules: Partial<Rules>): void;
  /** Arms a fault. */
  addFault(fault: Fault): ArmedFault;
  /** Faults that may still hit. */
  faults(): readonly ArmedFault[];
  /** Disarms all faults; calls that hang end as if cut. */
  clearFaults(): void;
  /** Contacts, journal, firings, faults and rules as at the start. */
  reset(): void;
}

/** Kept entries when nothing else is said; some 10 MB of ordinary calls. */
const LIMIT = 10_000;

/** Thrown by an in-process cut, worded as Node's fetch words a reset connection. */
const connectionCut = () =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('the emulator cut the connection'), { code: 'ECONNRESET' }),
  });

/**
 * Makes a SendX that lives in this process. It listens nowhere: call {@link Emulator.fetch} or
 * `app.request()`, or use `startEmulator` for a port.
 *
 * @throws RangeError where a rule or choice does not exist or the key is empty.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { apiKey = 'emulator-key', teamId = 'emulator-team', limit = LIMIT } = options;
  const { clock = Date.now, random = Math.random } = options;
  if (apiKey === '') throw new RangeError('The emulator needs an API key that is not empty.');

  const ruleBook = createRuleBook(options.rules);
  const rules = ruleBook.current;
  const contacts = createContacts({
    teamId,
    rules,
    newId: createIds(random),
    fields: options.fields ?? {},
  });
  const automations = createAutomations({
    ...(options.automations && { automations: options.automations }),
    rules,
    clock,
    limit,
  });
  const bucket = createBucket(options.rateLimit, clock);
  const journal = createJournal({ clock, limit });
  const faults = createFaultPlan(clock);

  const api = createApi({
    surfaces: [rest, legacy],
    credentials: { apiKey, teamId },
    decide: createDecision({ rules, contacts, automations, bucket }),
    journal,
    faults,
    redactor: createRedactor(apiKey),
    onChange() {},
    onFault() {},
  });

  function reset(): void {
    faults.clear();
    ruleBook.reset();
    contacts.clear();
    automations.clear();
    journal.clear();
    bucket.refill();
  }

  const report = (): AutomationReport => ({ rules: automations.rules, fired: automations.fired() });

  const app = new Hono<{ Bindings: Partial<HttpBindings> }>();

  app.all('/api/v1/*', async (c) => {
    const response = await api(c.req.raw);
    if (response !== 'cut') return response;
    const socket = c.env?.incoming?.socket;
    if (!socket) throw connectionCut();
    socket.destroy();
    return new Response(null);
  });

  app.get('/_emulator/contacts', (c) => c.json(contacts.list()));
  app.get('/_emulator/journal', (c) => c.json(journal.entries()));
  app.get('/_emulator/automations', (c) => c.json(report()));
  app.get('/_emulator/rules', (c) => c.json(ruleBook.rows()));
  app.post('/_emulator/rules', async (c) => {
    const issue = ruleBook.set(await c.req.json());
    return issue ? c.json({ error: issue }, 422) : c.json(ruleBook.rows());
  });
  app.get('/_emulator/faults', (c) => c.json(faults.armed()));
  app.post('/_emulator/faults', async (c) => {
    const parsed = parseFault(await c.req.json());
    return parsed.ok ? c.json(faults.add(parsed.fault), 201) : c.json({ error: parsed.issue }, 422);
  });
  app.delete('/_emulator/faults', (c) => {
    faults.clear();
    return c.body(null, 204);
  });
  app.post('/_emulator/reset', (c) => {
    reset();
    return c.body(null, 204);
  });

  app.onError((error) => {
    throw error;
  });

  return {
    app,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { signal } = request;
      signal.throwIfAborted();
      return await Promise.race([
        app.fetch(request),
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
      ]);
    },
    apiKey,
    teamId,
    contacts: contacts.list,
    contact: contacts.find,
    journal: journal.entries,
    automations: report,
    rules: ruleBook.rows,
    setRules(changes) {
      const issue = ruleBook.set(changes);
      if (issue) throw new RangeError(issue);
    },
    addFault: faults.add,
    faults: faults.armed,
    clearFaults: faults.clear,
    reset,
  };
}

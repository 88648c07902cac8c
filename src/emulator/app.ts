import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createApi } from './api.ts';
import { createAutomations } from './automations.ts';
import { createBucket } from './bucket.ts';
import { createContacts } from './contacts.ts';
import { createControl } from './control.ts';
import { createDecision } from './decision.ts';
import type { Emulator, EmulatorOptions, EmulatorState } from './emulator.ts';
import { createEvents } from './events.ts';
import { createFaultPlan } from './faults.ts';
import { createIds } from './ids.ts';
import { createJournal } from './journal.ts';
import { legacy } from './legacy.ts';
import { renderPage } from './page/page.ts';
import { createRedactor } from './redact.ts';
import { rest } from './rest.ts';
import { createRuleBook } from './ruleBook.ts';
import { createView } from './view.ts';

/** Entries kept when nothing else is said: some 10 MB of ordinary calls. */
const LIMIT = 10_000;

const CUT = Object.assign(new Error('the emulator cut the connection'), { code: 'ECONNRESET' });

/**
 * Makes a SendX that lives in this process and listens nowhere: call {@link Emulator.fetch} or
 * `app.request()`. For a port, see `startEmulator`.
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
    ...(options.fields && { fields: options.fields }),
  });
  const automations = createAutomations({
    rules,
    clock,
    limit,
    onFiring: (firing) => events.emit('fired', () => firing),
    ...(options.automations && { automations: options.automations }),
  });
  const bucket = createBucket(options.rateLimit, clock);
  const faults = createFaultPlan(clock);
  const journal = createJournal({
    clock,
    limit,
    onEntry: (entry) => events.emit('request', () => view.request(entry)),
  });
  const tellFaults = () => events.emit('faults', faults.armed);

  const state: EmulatorState = {
    contacts: contacts.list,
    contact: contacts.find,
    listsOf: automations.listsOf,
    journal: journal.entries,
    automations: () => ({ rules: automations.rules, fired: automations.fired() }),
    rules: ruleBook.rows,
    setRules(changes) {
      const issue = ruleBook.set(changes);
      if (issue) throw new RangeError(issue);
      events.emit('rules', ruleBook.rows);
    },
    addFault(fault) {
      const armed = faults.add(fault);
      tellFaults();
      return armed;
    },
    faults: faults.armed,
    clearFaults() {
      faults.clear();
      tellFaults();
    },
    reset() {
      faults.clear();
      ruleBook.reset();
      contacts.clear();
      automations.clear();
      journal.clear();
      bucket.refill();
      events.refresh();
    },
  };
  const view = createView(state);
  const events = createEvents(view.snapshot);

  const api = createApi({
    surfaces: [rest, legacy],
    credentials: { apiKey, teamId },
    decide: createDecision({ rules, contacts, automations, bucket }),
    journal,
    faults,
    redactor: createRedactor(apiKey),
    onChange: ({ contact }) => events.emit('contact', () => view.contact(contact)),
    onFault: tellFaults,
  });

  const app = new Hono<{ Bindings: Partial<HttpBindings> }>();

  app.all('/api/v1/*', async (c) => {
    const response = await api(c.req.raw);
    if (response !== 'cut') return response;
    const socket = c.env?.incoming?.socket;
    if (!socket) throw new TypeError('fetch failed', { cause: CUT });
    socket.destroy();
    return new Response(null);
  });
  for (const { method, path, handle } of createControl(state, events)) {
    app.on(method, path, (c) => handle(c.req.raw));
  }
  app.get('/', () => renderPage(crypto.randomUUID()));
  app.onError((error, c) => {
    if (error.cause === CUT) throw error;
    if (!c.req.raw.signal.aborted) console.error(error);
    return c.json({ status: 'error', message: 'Internal server error occurred' }, 500);
  });

  async function inProcess(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    return await Promise.race([app.fetch(request), aborted]);
  }

  return { ...state, app, fetch: inProcess, apiKey, teamId };
}

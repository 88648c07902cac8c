import type { EmulatorState } from './emulator.ts';
import type { Events } from './events.ts';
import { parseFault } from './parseFault.ts';

/** One endpoint for tests and people. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly handle: (request: Request) => Response | Promise<Response>;
}

const wrong = (error: string) => Response.json({ error }, { status: 422 });
const done = () => new Response(null, { status: 204 });

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

async function setRules(state: EmulatorState, request: Request): Promise<Response> {
  const changes = await readJson(request);
  if (typeof changes !== 'object' || changes === null) {
    return wrong('Expected a JSON object of choices by rule; nothing was changed.');
  }
  try {
    state.setRules(changes);
  } catch (error) {
    if (error instanceof RangeError) return wrong(error.message);
    throw error;
  }
  return Response.json(state.rules());
}

async function addFault(state: EmulatorState, request: Request): Promise<Response> {
  const parsed = parseFault(await readJson(request));
  if (!parsed.ok) return wrong(parsed.issue);
  return Response.json(state.addFault(parsed.fault), { status: 201 });
}

/** A page of another site must not reset a developer's emulator: its browser tells it is one. */
const guarded =
  (handle: Endpoint['handle']): Endpoint['handle'] =>
  (request) =>
    request.headers.get('Sec-Fetch-Site') === 'cross-site'
      ? Response.json({ error: 'Refused to a page of another site.' }, { status: 403 })
      : handle(request);

/** The endpoints below `/_emulator`; none of them is SendX's. */
export function createControl(state: EmulatorState, events: Events): readonly Endpoint[] {
  const get = (path: string, read: () => unknown): Endpoint => ({
    method: 'GET',
    path: `/_emulator/${path}`,
    handle: () => Response.json(read()),
  });
  const change = (
    method: 'POST' | 'DELETE',
    path: string,
    handle: Endpoint['handle'],
  ): Endpoint => ({ method, path: `/_emulator/${path}`, handle: guarded(handle) });

  return [
    get('contacts', state.contacts),
    get('journal', state.journal),
    get('automations', state.automations),
    get('rules', state.rules),
    get('faults', state.faults),
    { method: 'GET', path: '/_emulator/events', handle: () => events.open() },
    change('POST', 'rules', (request) => setRules(state, request)),
    change('POST', 'faults', (request) => addFault(state, request)),
    change('DELETE', 'faults', () => {
      state.clearFaults();
      return done();
    }),
    change('POST', 'reset', () => {
      state.reset();
      return done();
    }),
  ];
}

import { journalled, readBody } from './body.ts';
import type { Change } from './contacts.ts';
import { type Call, type Decision, TRACK } from './decision.ts';
import type { Answer } from './failure.ts';
import { describeFault, type Fault, type FaultPlan, takesEffect } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Redactor } from './redact.ts';
import type { Credentials, Surface } from './surface.ts';

/** What {@link createApi} joins. */
export interface ApiParts {
  readonly surfaces: readonly Surface[];
  readonly credentials: Credentials;
  readonly decide: (call: Call) => Decision;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly redactor: Redactor;
  /** Told after each call that changed or confirmed a contact. */
  readonly onChange: (change: Change) => void;
  /** Told after a call has met a fault. */
  readonly onFault: () => void;
}

const BODILESS = new Set([204, 205, 304]);

function respond({ status, body, headers }: Answer, cutShort = false): Response {
  const text = JSON.stringify(body ?? {});
  const sent = cutShort ? text.slice(0, Math.ceil(text.length / 2)) : text;
  return new Response(BODILESS.has(status) ? null : sent, {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  });
}

const SERVER_ERROR = { status: 'error', message: 'Internal server error occurred' };

// Where the call does not take effect, the text that `malformed` cuts in half.
const UNAPPLIED: Answer = { status: 503, body: SERVER_ERROR };

function spoil(fault: Fault, answer: Answer): Response {
  const headers: Record<string, string> =
    fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
  switch (fault.kind) {
    case 'status':
      return respond({ status: fault.status, body: fault.body ?? SERVER_ERROR, headers });
    case 'error-body':
      return respond({ status: 200, body: fault.body ?? SERVER_ERROR, headers });
    case 'malformed':
      return respond({ status: 200, body: answer.body, headers }, true);
    default:
      return respond({ ...answer, headers: { ...answer.headers, ...headers } });
  }
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function emailOf({ surface, route, query, body }: Call): string | undefined {
  const json = body.kind === 'json' ? body.value : undefined;
  const inBody = typeof json === 'object' && json !== null && 'email' in json && json.email;
  const email = route === TRACK ? surface.trackEmail(query, json) : inBody;
  return typeof email === 'string' ? email : undefined;
}

/**
 * The path of one API request: read, note, meet a fault or not, decide, answer.
 *
 * @returns A function that gives the answer, or `'cut'` where the connection is to end without.
 */
export function createApi(parts: ApiParts): (request: Request) => Promise<Response | 'cut'> {
  const { surfaces, credentials, decide, journal, faults, redactor } = parts;

  /** Waits until the time is over, the caller has gone or the faults are cleared. */
  function pause(ms: number, gone: AbortSignal): Promise<void> {
    const { promise, resolve } = deferred();
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    const forget = faults.onClear(resolve);
    gone.addEventListener('abort', resolve, { once: true });
    if (gone.aborted) resolve();
    return promise.finally(() => {
      clearTimeout(timer);
      forget();
      gone.removeEventListener('abort', resolve);
    });
  }

  async function read(request: Request): Promise<Call> {
    const { pathname, searchParams: query } = new URL(request.url);
    const surface = surfaces.find(({ root }) => pathname.startsWith(`${root}/`));
    if (!surface) throw new RangeError(`${pathname} is not below a surface`);
    return {
      surface,
      method: request.method,
      route: pathname.slice(surface.root.length),
      contentType: request.headers.get('Content-Type') ?? '',
      query,
      body: await readBody(request),
      authorised: surface.authorises(request.headers, query, credentials),
    };
  }

  function note({ surface, method, route, query, body, authorised }: Call): number {
    return journal.arrived({
      surface: surface.name,
      method,
      path: String(redactor.value(surface.root + route)),
      query: redactor.query(query),
      body: redactor.value(journalled(body)),
      authorised,
    });
  }

  function apply(call: Call, seq: number): Answer {
    const { answer, failure, change } = decide(call);
    if (failure) journal.settled(seq, { problem: String(redactor.value(failure.detail)) });
    if (change) parts.onChange(change);
    return answer;
  }

  async function sabotage(fault: Fault, call: Call, seq: number, gone: AbortSignal) {
    journal.settled(seq, { fault: describeFault(fault) });
    parts.onFault();
    const answer = takesEffect(fault) ? apply(call, seq) : UNAPPLIED;
    const ms = fault.kind === 'hang' ? Number.POSITIVE_INFINITY : (fault.delayMs ?? 0);
    if (ms > 0) await pause(ms, gone);
    const silent = fault.kind === 'hang' || fault.kind === 'cut' || gone.aborted;
    return silent ? 'cut' : spoil(fault, answer);
  }

  return async (request) => {
    const call = await read(request);
    const seq = note(call);
    const fault = faults.take({ path: call.surface.root + call.route, email: emailOf(call) });
    const response = fault
      ? await sabotage(fault, call, seq, request.signal)
      : respond(apply(call, seq));
    if (response !== 'cut') journal.settled(seq, { status: response.status });
    return response;
  };
}

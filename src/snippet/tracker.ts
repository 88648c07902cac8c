import { MAX_MESSAGE_BYTES } from '../protocol.ts';
import { attempt } from './attempt.ts';
import { createBatcher } from './batcher.ts';
import { parseCommand } from './command.ts';
import { type ConsentState, createConsent } from './consent.ts';
import { createEvents, type DropReason } from './events.ts';
import { createIdentity, type Visitor } from './identity.ts';
import { decode, encode } from './json.ts';
import { createStamper, type Stamp } from './message.ts';
import { type Options, readOptions } from './options.ts';
import { byteLength, createOutbox } from './outbox.ts';
import { watchPage } from './page.ts';
import { adoptScq } from './scq.ts';
import { createStorage } from './storage.ts';
import { createTransport, type Network } from './transport.ts';

/** A call: `[name, payload, …]`. */
type Call = ArrayLike<unknown>;

/** A call as the stub noted it: `[id, at, arguments]` as JSON, and the arguments themselves. */
type StubEntry = readonly [json: unknown, call?: Call];

/** `window.sendx`: before the script comes `q` is an array, afterwards ours. */
interface Api {
  (...call: unknown[]): void;
  q?: { push(entry: Call | StubEntry): unknown };
}

/** Storage keys of stub buffers whose page left before the script came start so. */
const STUB = 'stub:';

/**
 * Joins the stages, installs `window.sendx` once, and replays what was called before. Nothing that
 * goes wrong in here reaches the page.
 *
 * @param window - The page's.
 * @param now - Milliseconds since the epoch.
 * @param random - In [0, 1).
 */
export function install(
  window: Window & typeof globalThis,
  now: () => number = Date.now,
  random: () => number = Math.random,
): void {
  const page = window as unknown as { sendx?: Api; _scq?: unknown };
  const found = typeof page.sendx === 'function' ? page.sendx : undefined;
  const early = found?.q || [];
  // Pasted twice: the first copy has replaced the buffer.
  if (!Array.isArray(early)) return;

  const document = window.document as Document & { prerendering?: boolean };
  const options: Options = readOptions(document);
  const { on, emit } = createEvents();
  const drop = (id: string, reason: DropReason, detail?: unknown) =>
    emit('dropped', id, reason, detail);
  const consent = createConsent(document, () =>
    options.gpc && (window.navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl
      ? 'denied'
      : options.consent || 'granted',
  );
  let state: ConsentState = 'pending';
  const storage = createStorage(
    () => window.localStorage,
    () => state === 'granted',
  );
  const identity = createIdentity(storage);
  const stamp = createStamper(now, random);
  const busy = new Set<string>();
  const outbox = createOutbox(storage, busy, drop, now);
  /** Looks the visitor's will up anew; a denial erases. */
  const consented = () => {
    state = consent.state();
    if (state === 'denied')
      for (const key of storage.keys()) {
        if (storage.own(key)) drop(key, 'consent');
        storage.remove(key);
      }
    return state === 'granted';
  };
  const batcher = createBatcher({
    outbox,
    busy,
    storage,
    transport: createTransport(window as Network, () => options.endpoint as string, now),
    open: () => consented() && !!options.endpoint && !document.prerendering,
    emit,
    now,
    random,
  });

  /** Leftovers of earlier pages may be among them. */
  let holding = true;
  const held = () => outbox.entries().filter(({ draft }) => !draft.email);
  /** Messages held for want of a contact get this one, and a place behind what is there. */
  const release = ({ email, signature }: Visitor) => {
    if (!email || !holding) return;
    holding = false;
    for (const entry of held()) {
      outbox.add(stamp().id, encode({ ...entry.draft, email, signature }));
      outbox.remove(entry);
    }
  };

  const message = (
    type: 'identify' | 'track',
    payload: Record<string, unknown>,
    given: Stamp | undefined,
  ) => {
    const { id: key, at: called } = stamp();
    const { id, at } = given || { id: key, at: called };
    on(`${id}accepted`, payload['success']);
    on(`${id}refused`, payload['failure']);
    on(`${id}dropped`, payload['failure']);
    if (state === 'denied') return drop(id, 'consent');
    try {
      const command = parseCommand(type, payload);
      const known = identity.get();
      const { email = known.email } = command;
      const { signature = known.email === email ? known.signature : undefined } = command;
      const text = encode({ ...command, id, at, email, signature });
      if (byteLength(text) > MAX_MESSAGE_BYTES) return drop(id, 'too_large');
      release(known);
      outbox.add(key, text);
      holding ||= !email;
      emit(email ? 'stored' : 'held', id);
      if (command.type === 'identify' && email) {
        const { newEmail } = command.traits;
        const visitor = newEmail ? { email: newEmail } : { email, signature };
        identity.set(visitor);
        release(visitor);
      }
      batcher.schedule(type === 'identify');
    } catch (problem) {
      drop(id, 'invalid', problem);
    }
  };

  const commands: Record<string, (payload: never, listener: unknown, given?: Stamp) => void> = {
    identify: (payload, _, given) => message('identify', payload, given),
    track: (payload, _, given) => message('track', payload, given),
    on,
    config(changes: Options) {
      Object.assign(options, changes);
    },
    consent(choice: ConsentState) {
      consent.choose(choice);
      consented();
      storage.keep();
    },
    reset() {
      identity.forget();
      for (const entry of held()) {
        outbox.remove(entry);
        drop(entry.draft.id, 'reset');
      }
    },
    flush() {},
  };

  const guard = (action: () => void) => {
    try {
      action();
    } catch (error) {
      emit('error', undefined, 'internal', error);
    }
  };
  const dispatch = (call: Call, given?: Stamp) =>
    guard(() => {
      const name = call[0] as string;
      const command = commands[name];
      if (!command) return drop('', 'invalid', { path: 'command', received: name });
      if (name !== 'on' && name !== 'config') wake();
      command((call[1] || {}) as never, call[2], given);
      if (awake && !/^(identify|track|on)$/.test(name)) batcher.flush();
    });
  const handle = (entry: Call | StubEntry) => {
    if (!Array.isArray(entry)) return dispatch(entry);
    let [frozen, call] = entry as unknown as StubEntry;
    // Prototype.js's toJSON encodes an array twice.
    while (typeof frozen === 'string') frozen = decode(frozen);
    const [id, at, copy] = frozen as [string, number, Call];
    const { 0: name, 1: payload, 2: listener } = call || copy;
    dispatch(
      [
        name,
        typeof payload === 'object' ? { ...payload, ...(copy[1] as object) } : payload,
        listener,
      ],
      { id, at },
    );
  };

  let awake = false;
  /** First use of storage: what stubs of earlier pages left comes before this page's calls. */
  const wake = () => {
    consented();
    if (awake) return;
    awake = true;
    for (const key of storage.keys())
      if (!key.indexOf(STUB)) {
        const { calls } = decode(storage.get(key)) as { calls: unknown[] };
        storage.remove(key);
        for (const call of calls) handle([call]);
      }
  };

  const api: Api = found || ((...call) => dispatch(call));
  page.sendx = api;
  api.q = { push: handle };
  early.forEach(handle);
  attempt(() => adoptScq(page, dispatch));
  watchPage(window, {
    leave: () =>
      guard(() => {
        wake();
        batcher.leave();
      }),
    resume: () => guard(() => awake && batcher.resume()),
    idle: () =>
      guard(() => {
        wake();
        release(identity.get());
        batcher.flush();
      }),
  });
}

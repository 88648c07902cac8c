import { MAX_MESSAGE_BYTES } from '../protocol.ts';
import { attempt } from './attempt.ts';
import { createBatcher } from './batcher.ts';
import { type CommandType, type Problem, parseCommand } from './command.ts';
import { type ConsentState, createConsent } from './consent.ts';
import { type DebugSource, loadDebug } from './debugLoader.ts';
import { createEvents, type DropReason } from './events.ts';
import { createIdentity, type Visitor } from './identity.ts';
import { decode, encode } from './json.ts';
import { createStamper } from './message.ts';
import { type Options, readOptions } from './options.ts';
import { byteLength, createOutbox, type Draft } from './outbox.ts';
import { watchPage } from './page.ts';
import { adoptScq } from './scq.ts';
import { createStorage } from './storage.ts';
import { createTransport, type Network } from './transport.ts';
import { readForm, watchTriggers } from './triggers.ts';

/** A call: `[name, payload, …]`. */
type Call = ArrayLike<unknown>;

/** `window.sendx`: before the script comes `q` is an array, afterwards ours. */
interface Api {
  (...call: unknown[]): void;
  q?: { push(entry: Call): unknown };
  debug?: DebugSource | undefined;
}

/** Whatever the page passed with a call. */
type Payload = { readonly success?: unknown; readonly failure?: unknown };

/** Storage keys of stub buffers whose page left before the script came start so. */
const STUB = 'stub:';

/**
 * Joins the stages, installs `window.sendx` once, and replays what was called before. Nothing that
 * goes wrong in here reaches the page.
 *
 * @param window - The page's.
 * @param ours - The script that runs now; `null` in a bundle, whose script is somebody else's.
 * @param now - Whole milliseconds since the epoch.
 * @param random - In [0, 1).
 */
export function install(
  window: Window & typeof globalThis,
  ours = window.document.currentScript,
  // biome-ignore lint/complexity/useDateNow: pages replace Date.now, some by parts of milliseconds.
  now: () => number = () => +new Date(),
  random: () => number = Math.random,
): void {
  const page = window as unknown as { sendx?: Api; _scq?: unknown };
  const found = typeof page.sendx === 'function' ? page.sendx : undefined;
  const early: unknown = found?.q || [];
  // Pasted twice: the first copy has replaced the buffer.
  if (!Array.isArray(early)) return;

  const document = window.document as Document & { prerendering?: boolean };
  const options: Options = readOptions(document, ours);
  const events = createEvents();
  const { on, emit } = events;
  const drop = (id: string | undefined, reason: DropReason, detail?: unknown) =>
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
  const outbox = createOutbox(storage, drop, now);
  /** Looks the visitor's will up anew; a denial erases, a grant keeps what memory holds. */
  const consented = () => {
    const before = state;
    state = consent.state();
    if (state !== before) storage.keep();
    if (state === 'denied')
      for (const key of storage.keys()) {
        const id = (decode(storage.get(key)) as Draft | undefined)?.id;
        if (id) drop(id, 'consent');
        storage.remove(key);
      }
    return state === 'granted';
  };
  const batcher = createBatcher({
    outbox,
    storage,
    transport: createTransport(window as Network, () => options.endpoint as string, now),
    open: () => !document.prerendering && consented() && !!options.endpoint,
    emit,
    // Signed for nobody, a new address is none: the visitor is who they were.
    refused({ traits, email, signature }) {
      if (traits?.newEmail && traits.newEmail === identity.get().email)
        identity.set({ email, signature });
    },
    now,
    random,
  });

  /** Leftovers of earlier pages may be among them. */
  let holding = true;
  const held = () => outbox.entries().filter(({ draft }) => !draft.email);
  /**
   * From here on this page's keys sort behind all that are there, by whatever clock those were made.
   * Eight digits are a time from 1994 to 2055: keys that somebody else wrote are not followed.
   */
  const follow = () =>
    stamp(
      Number.parseInt(
        storage
          .keys()
          .filter((key) => /^[a-y]\w{7}-/.test(key))
          .pop() || '0',
        36,
      ),
    );
  /** Messages held for want of a contact get this one, and a place behind what is there. */
  const release = ({ email, signature }: Visitor) => {
    if (!email || !holding) return;
    holding = false;
    follow();
    for (const entry of held()) {
      outbox.add(stamp().id, encode({ ...entry.draft, email, signature }));
      outbox.remove(entry);
    }
  };

  const message = (type: CommandType, payload: unknown, id: string, key: string, at: number) => {
    if (state === 'denied') return drop(id, 'consent');
    const command = parseCommand(type, payload);
    const known = identity.get();
    const { email = known.email } = command;
    const { signature = known.email === email ? known.signature : undefined } = command;
    const text = encode({ ...command, type, id, at, email, signature });
    if (byteLength(text) > MAX_MESSAGE_BYTES) return drop(id, 'too_large');
    outbox.add(key, text);
    holding ||= !email;
    emit(email ? 'stored' : 'held', id);
    if (command.traits && email) {
      const { newEmail } = command.traits;
      const visitor = newEmail ? { email: newEmail } : { email, signature };
      identity.set(visitor);
      release(visitor);
    }
    batcher.schedule(type === 'identify');
  };

  /** What a prerendered page puts off until somebody looks at it. */
  const ahead: (() => unknown)[] = [];
  // One listener for all: between two the browser runs what the first one queued.
  window.addEventListener('prerenderingchange', () => ahead.forEach(attempt), true);

  /**
   * @param call - `[name, payload, …]`.
   * @param original - Has the functions that a copy by JSON lost.
   */
  const dispatch = (call: Call, original = call, givenId?: string, givenAt?: number): unknown => {
    let id = givenId;
    try {
      const { 0: name, 1: payload } = call;
      if (name === 'on') return on(payload as string, original[2]);
      if (document.prerendering) {
        // Nobody may ever see this page. Not even stored: the tab in front would send it.
        const text = attempt(() => encode(call));
        const at = givenAt || now();
        return ahead.push(() => dispatch((decode(text) || call) as Call, original, id, at));
      }
      wake();
      // Before the stamp, so that what was held comes before this call.
      release(identity.get());
      const { id: key, at } = stamp();
      id ||= key;
      const { success, failure } = Object(original[1]) as Payload;
      on(`${id}accepted`, success);
      on(`${id}refused`, failure);
      on(`${id}dropped`, failure);
      emit('called', id, undefined, original);
      const form = name === 'form' && readForm(original[1] as HTMLFormElement);
      const type = form ? 'identify' : name;
      if (type === 'identify' || type === 'track')
        return message(type, form || payload || {}, id, key, givenAt || at);
      if (name === 'config') {
        Object.assign(options, payload);
        debug();
      } else if (name === 'consent') {
        if (!/^(granted|denied|pending)$/.test(payload as string))
          throw { path: name, received: payload } satisfies Problem;
        consent.choose(payload as ConsentState);
      } else if (name === 'reset') {
        identity.set({});
        for (const entry of held()) {
          outbox.remove(entry);
          drop(entry.draft.id, 'reset');
        }
      } else if (name !== 'flush') throw { path: 'command', received: name } satisfies Problem;
      batcher.flush();
    } catch (problem) {
      drop(id, 'invalid', problem);
    }
  };
  /** Takes the stub's `[json, arguments]`, and whatever else is like an array as a call. */
  const handle = (entry: Call) => {
    let frozen: unknown = entry?.[0];
    // More than once: Prototype.js's toJSON encodes an array twice.
    while (typeof frozen === 'string') frozen = decode(frozen);
    if (!Array.isArray(frozen)) return dispatch(entry);
    const [id, at, copy] = frozen as [string, number, Call];
    dispatch(copy, (entry[1] || copy) as Call, id, at);
  };

  let awake = false;
  /**
   * First use of storage: what stubs of earlier pages left comes before this page's calls. From then
   * on each flush looks the visitor's will up: reading a cookie is a third of what a call costs.
   */
  const wake = () => {
    if (awake || document.prerendering) return;
    awake = true;
    consented();
    follow();
    const stubs: string[] = [];
    // Taken up where it may be stored again at once: a page that has to wait would take it along.
    for (const key of storage.keys())
      if (state === 'granted' && !key.indexOf(STUB)) {
        stubs.push(storage.get(key) as string);
        storage.remove(key);
      }
    // A stub's text begins with the time of its first call: pages come in their order.
    // Whatever else wrote there, the page's own calls are not to suffer.
    for (const text of stubs.sort())
      attempt(() => {
        for (const call of (decode(text) as { calls: unknown[] }).calls) handle([call]);
      });
  };

  const api: Api =
    found ||
    ((...call) => {
      dispatch(call);
    });
  const debug = () => {
    api.debug ||= attempt(() =>
      loadDebug(window, events, ours, { options, store: storage, consent }),
    );
  };
  page.sendx = api;
  api.q = { push: handle };
  debug();
  early.forEach(handle);
  attempt(() => adoptScq(page, (call) => dispatch(call)));
  const settled = (): unknown => {
    if (document.prerendering) return ahead.push(settled);
    wake();
    release(identity.get());
    batcher.flush();
  };
  watchTriggers(window, (...call) => dispatch(call));
  watchPage(window, {
    leave() {
      wake();
      batcher.leave();
    },
    resume(cached) {
      if (awake) batcher.resume(cached);
    },
    settled,
  });
}

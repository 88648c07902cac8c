import { parseEmail } from './email.ts';
import { isObject, jsonFault } from './json.ts';
import { asText, isBlank, listsOf, type Payload, traitsOf } from './stubPayload.ts';

/** A call that the stub noted, `[name, payload]` among it. */
export interface NotedCall {
  readonly id: string;
  readonly at: number;
  readonly call: readonly unknown[];
}

/** What one stub call asks for, before it is parsed as a message. */
export type StubEntry =
  | { readonly id: string; readonly candidate: Payload }
  | {
      readonly id: string;
      readonly refusal: 'invalid' | 'unidentified' | 'later';
      readonly reason: string;
    };

/** Calls that concern the page alone: they say nothing about a contact and get no result. */
const PAGE_CALLS = new Set<unknown>(['consent', 'config', 'on', 'off', 'flush', 'reset', 'form']);

/** Who the calls are about; the members are those of a message. */
interface Contact {
  readonly email: string;
  readonly signature?: unknown;
}

/**
 * Reads the page's own calls in order, as the library would have: an identify names the contact
 * of the calls after it (its `newEmail` from then on), tracks before the first identify follow
 * right after it, `reset` forgets the visitor. Where the visitor denied consent nothing is taken;
 * where consent is still pending all is left to the page (`later`), which kept its own copy.
 */
export function readStubCalls(calls: readonly NotedCall[]): readonly StubEntry[] {
  const consent = consentOf(calls);
  if (consent === 'denied') return calls.map(refusal('invalid', 'the visitor denied consent'));
  if (consent === 'pending') return calls.map(refusal('later', 'consent is pending'));

  const entries: StubEntry[] = [];
  let contact: Contact | undefined;
  let held: NotedCall[] = [];
  const abandon = () => {
    entries.push(...held.map(refusal('unidentified', 'no identify names its contact')));
    held = [];
  };

  for (const item of calls) {
    const [name, payload] = item.call;
    if (name === 'reset') {
      abandon();
      contact = undefined;
    }
    if (PAGE_CALLS.has(name)) continue;
    if ((name !== 'identify' && name !== 'track') || !isObject(payload)) {
      entries.push(refusal('invalid', 'it is neither an identify nor a track')(item));
      continue;
    }
    if (jsonFault(payload) !== undefined) {
      entries.push(refusal('invalid', 'a key is not allowed')(item));
      continue;
    }
    const named = contactOf(payload, contact);
    if (named === undefined) {
      held.push(item);
      if (name === 'identify') abandon();
    } else if (name === 'track') {
      entries.push(trackEntry(item, payload, named));
    } else {
      const { id, at } = item;
      const traits = traitsOf(payload);
      entries.push({ id, candidate: { id, at, type: 'identify', ...named, traits } });
      entries.push(...held.map((early) => trackEntry(early, early.call[1] as Payload, named)));
      held = [];
      contact = renamed(named, traits.newEmail);
    }
  }
  abandon();
  return entries;
}

function trackEntry({ id, at }: NotedCall, payload: Payload, contact: Contact): StubEntry {
  const lists = listsOf(payload, ['addTags', 'removeTags']);
  return { id, candidate: { id, at, type: 'track', ...contact, ...lists } };
}

/** The contact that a call names itself, else the known one; a signature goes with its address. */
function contactOf(payload: Payload, known: Contact | undefined): Contact | undefined {
  const email = asText(payload.email);
  const signature = isBlank(payload.signature) ? {} : { signature: payload.signature };
  if (typeof email !== 'string' || email === '') return known && { ...known, ...signature };
  const isKnown = known !== undefined && email.toLowerCase() === known.email.toLowerCase();
  return { ...(isKnown && known), email, ...signature };
}

/** The new address has no signature yet: the old one's does not prove it. */
function renamed(contact: Contact, newEmail: unknown): Contact {
  const email = typeof newEmail === 'string' ? parseEmail(newEmail) : undefined;
  return email === undefined || email === contact.email.toLowerCase() ? contact : { email };
}

function consentOf(calls: readonly NotedCall[]): 'granted' | 'denied' | 'pending' {
  let state: 'granted' | 'pending' = 'granted';
  for (const { call } of calls) {
    const [name, payload] = call;
    if (name !== 'consent' && name !== 'config') continue;
    const said = name === 'config' && isObject(payload) ? payload.consent : payload;
    if (said === 'denied') return 'denied';
    if (said === 'pending' || said === 'granted') state = said;
  }
  return state;
}

function refusal(code: 'invalid' | 'unidentified' | 'later', reason: string) {
  return ({ id }: NotedCall): StubEntry => ({ id, refusal: code, reason });
}

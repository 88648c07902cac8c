import type { StubEnvelope } from '../protocol.ts';
import { parseEmail } from './email.ts';
import { isObject, unwrapArray } from './json.ts';

/** What one stub call asks for, before it is parsed as a message. */
export type StubEntry =
  | { readonly id: string; readonly candidate: unknown }
  | {
      readonly id: string;
      readonly refusal: 'invalid' | 'unidentified' | 'later';
      readonly reason: string;
    };

/** Calls that concern the page alone. They say nothing about a contact and get no result. */
const PAGE_CALLS = new Set(['consent', 'config', 'on', 'off', 'flush', 'reset', 'form']);

interface Contact {
  readonly email: string;
  readonly signature?: unknown;
}

/**
 * Reads the page's own calls in order, as the library would have: an identify names the contact
 * of the calls after it (a `newEmail` from then on), tracks before the first identify follow it,
 * `reset` forgets the visitor. Where the visitor denied consent nothing is taken; where consent
 * was still pending everything is left to the page (`later`), which kept its own copy.
 */
export function readStubCalls({ identity, calls }: StubEnvelope): readonly StubEntry[] {
  const consent = consentOf(calls);
  if (consent !== 'granted') return calls.map(({ id }) => withheld(id, consent));

  const entries: StubEntry[] = [];
  let contact: Contact | undefined = identity ?? undefined;
  let held: { readonly id: string; readonly candidate: Record<string, unknown> }[] = [];
  const release = () => {
    for (const { id, candidate } of held)
      entries.push({ id, candidate: { ...candidate, ...contact } });
    held = [];
  };
  const abandon = () => {
    for (const { id } of held) entries.push(unidentified(id));
    held = [];
  };

  for (const { id, at, call } of calls) {
    const [name, payload] = call;
    if (name === 'reset') {
      abandon();
      contact = undefined;
    }
    if (typeof name === 'string' && PAGE_CALLS.has(name)) continue;
    if ((name !== 'identify' && name !== 'track') || !isObject(payload)) {
      entries.push({ id, refusal: 'invalid', reason: 'it is no call that SendX knows' });
      continue;
    }
    const said = contactOf(payload, contact);
    if (name === 'track') {
      const candidate = { id, at, type: 'track', ...pick(payload, TRACK_KEYS) };
      if (said) entries.push({ id, candidate: { ...candidate, ...said } });
      else held.push({ id, candidate });
      continue;
    }
    if (!said) {
      entries.push(unidentified(id));
      continue;
    }
    entries.push({
      id,
      candidate: { id, at, type: 'identify', ...said, traits: traitsOf(payload) },
    });
    contact = said;
    if (parseEmail(said.email) !== undefined) release();
    const renamed = typeof payload.newEmail === 'string' ? parseEmail(payload.newEmail) : undefined;
    // The signature proves the old address only.
    if (renamed !== undefined && renamed !== parseEmail(said.email)) contact = { email: renamed };
  }
  abandon();
  return entries;
}

function contactOf(
  payload: Readonly<Record<string, unknown>>,
  known: Contact | undefined,
): Contact | undefined {
  const { email, signature } = payload;
  const own = signature === undefined || signature === null ? {} : { signature };
  if (typeof email !== 'string' || email.trim() === '') return known && { ...known, ...own };
  const same = known !== undefined && parseEmail(known.email) === parseEmail(email);
  return { ...(same ? known : {}), email, ...own };
}

const TRACK_KEYS = ['addTags', 'removeTags'] as const;
const TRAIT_KEYS = ['firstName', 'lastName', 'company', 'birthday', 'newEmail'] as const;

function traitsOf(payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const traits = pick(payload, [...TRAIT_KEYS, 'tags']);
  for (const key of TRAIT_KEYS) if (key in traits) traits[key] = asText(traits[key]);
  // A Date became its ISO form when the stub's copy was made.
  if (typeof traits.birthday === 'string') traits.birthday = traits.birthday.replace(/T.*$/, '');
  const { customFields } = payload;
  if (isObject(customFields)) {
    traits.customFields = Object.fromEntries(
      Object.entries(customFields)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, asText(value)]),
    );
  }
  return traits;
}

/** Copies the `keys` that are set; lists become lists of strings. */
function pick(
  payload: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const key of keys) {
    const value = unwrapArray(payload[key]);
    if (value === undefined || value === null) continue;
    picked[key] = Array.isArray(value) ? value.map(asText) : value;
  }
  return picked;
}

const asText = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

function consentOf(calls: StubEnvelope['calls']): 'granted' | 'denied' | 'pending' {
  let state: 'granted' | 'pending' = 'granted';
  for (const { call } of calls) {
    const [name, payload] = call;
    const said = name === 'config' && isObject(payload) ? payload.consent : payload;
    if (name !== 'consent' && name !== 'config') continue;
    if (said === 'denied') return 'denied';
    if (said === 'pending' || said === 'granted') state = said;
  }
  return state;
}

function withheld(id: string, consent: 'denied' | 'pending'): StubEntry {
  return consent === 'denied'
    ? { id, refusal: 'invalid', reason: 'the visitor denied consent' }
    : { id, refusal: 'later', reason: 'consent is pending' };
}

function unidentified(id: string): StubEntry {
  return { id, refusal: 'unidentified', reason: 'no identify named a contact' };
}

import { fail, type Parsed } from './failure.ts';
import { type FieldType, mergeFields } from './fields.ts';
import type { IdentifyRequest, TrackRequest } from './requests.ts';
import type { Rules } from './rules.ts';
import { applyTags, type TagEffect } from './tags.ts';

/** A contact as the legacy surface shows it. */
export interface Contact {
  readonly encryptedTeamId: string;
  /** 22 characters of base 62; survives a rename. */
  readonly encryptedId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly company: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly birthday: string;
  /** Names, in the order of addition. */
  readonly tags: readonly string[];
  /** Values by field name. */
  readonly customFields: Readonly<Record<string, string>>;
}

/** What a call made of a contact. */
export interface Change {
  readonly contact: Contact;
  /** Every tag that the call named, in the order of effect. */
  readonly tags: readonly TagEffect[];
  /** Lists that the call named. */
  readonly lists: readonly string[];
}

/** The contacts of one team. */
export interface ContactStore {
  /** Creates or updates, all or nothing. */
  identify(request: IdentifyRequest): Parsed<Change>;
  /** Changes the tags of an existing contact, all or nothing. */
  track(request: TrackRequest): Parsed<Change>;
  /** In the order of creation. */
  list(): readonly Contact[];
  /** By address, under the rule for its case. */
  find(email: string): Contact | undefined;
  /** Forgets the contacts and the fields that calls have created. */
  clear(): void;
}

/** What {@link createContacts} needs. */
export interface ContactsOptions {
  readonly teamId: string;
  /** The rules in force, read at every call. */
  readonly rules: () => Rules;
  /** A fresh `encryptedId`. */
  readonly newId: () => string;
  /** Custom fields that exist from the start, by name. @defaultValue none */
  readonly fields?: Readonly<Record<string, FieldType>>;
}

/** Which contact a call is about: an existing one or none yet, and the address it is to have. */
interface Target {
  readonly contact: Contact | undefined;
  readonly email: string;
}

/** Opens an empty store. It holds no clock and does no input or output. */
export function createContacts(options: ContactsOptions): ContactStore {
  const { rules, newId } = options;
  const predefined = new Map(Object.entries(options.fields ?? {}));
  const contacts = new Map<string, Contact>();
  // Ids by lower-cased address: more than one where the rules tell cases apart.
  const addresses = new Map<string, Set<string>>();
  let types: ReadonlyMap<string, FieldType> = predefined;

  const keyOf = (email: string) =>
    rules().emailCase === 'insensitive' ? email.toLowerCase() : email;
  const spell = (email: string) => (rules().emailEcho === 'lower' ? email.toLowerCase() : email);

  function find(email: string): Contact | undefined {
    for (const id of addresses.get(email.toLowerCase()) ?? []) {
      const contact = contacts.get(id);
      if (contact && keyOf(contact.email) === keyOf(email)) return contact;
    }
    return undefined;
  }

  function put(contact: Contact): void {
    const before = contacts.get(contact.encryptedId);
    if (before) addresses.get(before.email.toLowerCase())?.delete(before.encryptedId);
    const key = contact.email.toLowerCase();
    const ids = addresses.get(key) ?? new Set();
    addresses.set(key, ids.add(contact.encryptedId));
    contacts.set(contact.encryptedId, contact);
  }

  const blank = (email: string): Contact => ({
    encryptedTeamId: options.teamId,
    encryptedId: newId(),
    firstName: '',
    lastName: '',
    email: spell(email),
    company: '',
    birthday: '',
    tags: [],
    customFields: {},
  });

  function rename(contact: Contact, newEmail: string): Parsed<Target> {
    const holder = find(newEmail);
    if (!holder) return { ok: true, value: { contact, email: spell(newEmail) } };
    if (holder === contact || rules().newEmailTaken === 'ignore') {
      return { ok: true, value: { contact, email: contact.email } };
    }
    return fail('email_taken', 'newEmail: another contact has it');
  }

  function renameUnknown(email: string, newEmail: string): Parsed<Target> {
    const holder = find(newEmail);
    if (holder && rules().renameRepeated === 'update') {
      return { ok: true, value: { contact: holder, email: holder.email } };
    }
    if (holder) return fail('email_taken', 'newEmail: another contact has it');
    switch (rules().newEmailUnknown) {
      case 'create-new':
        return { ok: true, value: { contact: undefined, email: newEmail } };
      case 'create-old':
        return { ok: true, value: { contact: undefined, email } };
      case 'not-found':
        return fail('contact_unknown', 'email: no such contact to rename');
    }
  }

  function target({ email, newEmail }: IdentifyRequest): Parsed<Target> {
    const contact = find(email);
    if (newEmail === undefined || keyOf(newEmail) === keyOf(email)) {
      return { ok: true, value: { contact, email: contact?.email ?? email } };
    }
    return contact ? rename(contact, newEmail) : renameUnknown(email, newEmail);
  }

  function identify(request: IdentifyRequest): Parsed<Change> {
    const found = target(request);
    if (!found.ok) return found;
    const contact = found.value.contact ?? blank(found.value.email);
    const values = new Map(Object.entries(contact.customFields));
    const merged = mergeFields({ values, types }, request.customFields, rules());
    if (!merged.ok) return merged;
    const { tags, effects } = applyTags(contact.tags, { add: request.tags, remove: [] }, rules());

    const next: Contact = {
      ...contact,
      email: found.value.contact ? found.value.email : contact.email,
      firstName: request.firstName ?? contact.firstName,
      lastName: request.lastName ?? contact.lastName,
      company: request.company ?? contact.company,
      birthday: request.birthday ?? contact.birthday,
      tags,
      customFields: Object.fromEntries(merged.value.values),
    };
    types = merged.value.types;
    put(next);
    return { ok: true, value: { contact: next, tags: effects, lists: request.lists } };
  }

  function track(request: TrackRequest): Parsed<Change> {
    const found = find(request.email);
    if (!found && rules().trackUnknown !== 'create') {
      return fail('contact_unknown', 'email: no such contact');
    }
    const contact = found ?? blank(request.email);
    const wanted = { add: request.addTags, remove: request.removeTags };
    const { tags, effects } = applyTags(contact.tags, wanted, rules());
    const next: Contact = { ...contact, tags };
    put(next);
    return { ok: true, value: { contact: next, tags: effects, lists: [] } };
  }

  return {
    identify,
    track,
    find,
    list: () => [...contacts.values()],
    clear() {
      contacts.clear();
      addresses.clear();
      types = predefined;
    },
  };
}

import { createAddressBook } from './addressBook.ts';
import { fail, type Parsed } from './failure.ts';
import { type FieldType, mergeFields } from './fields.ts';
import type { IdentifyRequest, TrackRequest } from './requests.ts';
import type { Rules } from './rules.ts';
import { applyTags, type TagEffect } from './tags.ts';
import { findTarget } from './target.ts';

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

/** Opens an empty store. It holds no clock and does no input or output. */
export function createContacts(options: ContactsOptions): ContactStore {
  const { rules, newId } = options;
  const predefined: ReadonlyMap<string, FieldType> = new Map(Object.entries(options.fields ?? {}));
  const book = createAddressBook(rules);
  let types = predefined;

  const spell = (email: string) => (rules().emailEcho === 'lower' ? email.toLowerCase() : email);

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

  function identify(request: IdentifyRequest): Parsed<Change> {
    const target = findTarget(request, book, rules());
    if (!target.ok) return target;
    const { contact: known, email } = target.value;
    const values = new Map(Object.entries(known?.customFields ?? {}));
    const fields = mergeFields({ values, types }, request.customFields, rules());
    if (!fields.ok) return fields;

    const contact = known ?? blank(email);
    const { tags, effects } = applyTags(contact.tags, { add: request.tags, remove: [] }, rules());
    const next: Contact = {
      ...contact,
      email: email === contact.email ? email : spell(email),
      firstName: request.firstName ?? contact.firstName,
      lastName: request.lastName ?? contact.lastName,
      company: request.company ?? contact.company,
      birthday: request.birthday ?? contact.birthday,
      tags,
      customFields: Object.fromEntries(fields.value.values),
    };
    types = fields.value.types;
    book.put(next);
    return { ok: true, value: { contact: next, tags: effects, lists: request.lists } };
  }

  function track({ email, addTags, removeTags }: TrackRequest): Parsed<Change> {
    const known = book.find(email);
    if (!known && rules().trackUnknown !== 'create') {
      return fail('contact_unknown', 'email: no such contact');
    }
    const contact = known ?? blank(email);
    const request = { add: addTags, remove: removeTags };
    const { tags, effects } = applyTags(contact.tags, request, rules());
    const next: Contact = { ...contact, tags };
    book.put(next);
    return { ok: true, value: { contact: next, tags: effects, lists: [] } };
  }

  return {
    identify,
    track,
    find: book.find,
    list: book.list,
    clear() {
      book.clear();
      types = predefined;
    },
  };
}

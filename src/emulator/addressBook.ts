import type { Contact } from './contacts.ts';
import type { Rules } from './rules.ts';

/** Contacts by id and by address. */
export interface AddressBook {
  /** By address, under the rule for its case. */
  find(email: string): Contact | undefined;
  /** Whether two addresses are one, under the same rule. */
  same(left: string, right: string): boolean;
  /** Adds a contact, or replaces the one of its id. */
  put(contact: Contact): void;
  /** In the order of creation. */
  list(): readonly Contact[];
  /** Forgets all. */
  clear(): void;
}

/** Opens an empty book; `rules` is read at every call, so that a flip takes effect at once. */
export function createAddressBook(rules: () => Rules): AddressBook {
  const contacts = new Map<string, Contact>();
  // Ids by lower-cased address: more than one where the rules tell cases apart.
  const ids = new Map<string, Set<string>>();

  const same = (left: string, right: string) =>
    left === right ||
    (rules().emailCase === 'insensitive' && left.toLowerCase() === right.toLowerCase());

  function leave({ email, encryptedId }: Contact): void {
    const key = email.toLowerCase();
    const sharers = ids.get(key);
    sharers?.delete(encryptedId);
    if (sharers?.size === 0) ids.delete(key);
  }

  return {
    same,
    find(email) {
      for (const id of ids.get(email.toLowerCase()) ?? []) {
        const contact = contacts.get(id);
        if (contact && same(contact.email, email)) return contact;
      }
      return undefined;
    },
    put(contact) {
      const before = contacts.get(contact.encryptedId);
      if (before) leave(before);
      const key = contact.email.toLowerCase();
      ids.set(key, (ids.get(key) ?? new Set()).add(contact.encryptedId));
      contacts.set(contact.encryptedId, contact);
    },
    list: () => [...contacts.values()],
    clear() {
      contacts.clear();
      ids.clear();
    },
  };
}

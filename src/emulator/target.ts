import type { AddressBook } from './addressBook.ts';
import type { Contact } from './contacts.ts';
import { fail, type Parsed } from './failure.ts';
import type { IdentifyRequest } from './requests.ts';
import type { Rules } from './rules.ts';

/** The contact that an identify is about, if it exists, and the address it is to have. */
export interface Target {
  readonly contact: Contact | undefined;
  readonly email: string;
}

const found = (contact: Contact | undefined, email: string): Parsed<Target> => ({
  ok: true,
  value: { contact, email },
});

const taken = () => fail('email_taken', 'newEmail: another contact has it');

function rename(contact: Contact, newEmail: string, book: AddressBook, rules: Rules) {
  if (!book.find(newEmail)) return found(contact, newEmail);
  return rules.newEmailTaken === 'ignore' ? found(contact, contact.email) : taken();
}

function renameUnknown(email: string, newEmail: string, book: AddressBook, rules: Rules) {
  const holder = book.find(newEmail);
  if (holder) return rules.renameRepeated === 'update' ? found(holder, holder.email) : taken();
  switch (rules.newEmailUnknown) {
    case 'create-new':
      return found(undefined, newEmail);
    case 'create-old':
      return found(undefined, email);
    case 'not-found':
      return fail('contact_unknown', 'email: no such contact to rename');
  }
}

/**
 * Finds out whom an identify creates, updates or renames.
 *
 * @param request - The call; a `newEmail` equal to `email` says nothing.
 */
export function findTarget(
  { email, newEmail }: IdentifyRequest,
  book: AddressBook,
  rules: Rules,
): Parsed<Target> {
  const contact = book.find(email);
  if (newEmail === undefined || book.same(newEmail, email)) {
    return found(contact, contact?.email ?? email);
  }
  return contact
    ? rename(contact, newEmail, book, rules)
    : renameUnknown(email, newEmail, book, rules);
}

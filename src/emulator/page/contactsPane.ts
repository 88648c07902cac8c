import type { ContactView } from '../view.ts';
import type { Dom } from './dom.ts';

/** The cards of the contacts. */
export interface ContactsPane {
  /** Shows these and no others. */
  fill(contacts: readonly ContactView[], total: number): void;
  /**
   * Shows one that is new or has changed, in front, with what changed.
   *
   * @returns Whether it is new.
   */
  put(contact: ContactView, total: number): boolean;
}

/** Sets the cards up. Self-contained: the page carries its source. */
export function createContactsPane({ byId, make }: Dom): ContactsPane {
  const MAX_CARDS = 200;
  const FRESH_MS = 4000;
  const contacts = new Map<string, ContactView>();
  // What a contact was before its latest change, while that is still shown.
  const before = new Map<string, ContactView | undefined>();
  const filter = byId('filter') as HTMLInputElement;
  let total = 0;

  const fullName = ({ firstName, lastName }: ContactView) =>
    [firstName, lastName].filter(Boolean).join(' ');

  function initials(contact: ContactView): string {
    const words = fullName(contact).split(' ').filter(Boolean);
    const first = words.length > 0 ? words.slice(0, 2) : [contact.email];
    return first
      .map((word) => [...word][0])
      .join('')
      .toUpperCase();
  }

  function chip(text: string, kind: string, said?: string): HTMLElement {
    return make('li', `chip ${kind}`, text, said && make('span', 'unseen', ` (${said})`));
  }

  function chips(contact: ContactView): HTMLElement | undefined {
    const old = before.get(contact.encryptedId)?.tags;
    const had = new Set(old ?? contact.tags);
    const has = new Set(contact.tags);
    const box = make(
      'ul',
      'chips',
      ...contact.tags.map((tag) => (had.has(tag) ? chip(tag, '') : chip(tag, 'fresh', 'new'))),
      ...(old ?? []).filter((tag) => !has.has(tag)).map((tag) => chip(tag, 'gone', 'removed')),
      ...contact.lists.map((list) => chip(`List: ${list}`, 'list')),
    );
    box.setAttribute('aria-label', 'Tags and lists');
    return box.childElementCount > 0 ? box : undefined;
  }

  const valuesOf = (contact: ContactView) =>
    new Map([
      ['Company', contact.company],
      ['Birthday', contact.birthday],
      ...Object.entries(contact.customFields),
    ]);

  function fields(contact: ContactView): HTMLElement | undefined {
    const previous = before.get(contact.encryptedId);
    const old = previous && valuesOf(previous);
    const box = make('dl', 'fields');
    for (const [name, value] of valuesOf(contact)) {
      const fresh = old && old.get(name) !== value ? 'fresh' : '';
      if (value) box.append(make('dt', '', name), make('dd', '', make('span', fresh, value)));
    }
    return box.childElementCount > 0 ? box : undefined;
  }

  function card(contact: ContactView): HTMLElement {
    const name = fullName(contact);
    const face = make('span', 'face', initials(contact));
    face.setAttribute('aria-hidden', 'true');
    const title = make('h3', name ? '' : 'address', name || contact.email);
    const mail = name ? make('p', 'mail', contact.email) : undefined;
    const who = make('div', 'who', face, make('div', '', title, mail));
    const touched = before.has(contact.encryptedId);
    return make('li', touched ? 'card touched' : 'card', who, chips(contact), fields(contact));
  }

  function show(): void {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [...contacts.values()].reverse().filter((contact) => {
      const text = [contact.email, fullName(contact), ...contact.tags].join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    });
    byId('cards').replaceChildren(...found.slice(0, MAX_CARDS).map(card));

    const empty = byId('contacts-empty');
    empty.hidden = found.length > 0;
    empty.textContent =
      contacts.size > 0 ? 'No contact matches.' : 'No contact yet. An identify call creates one.';

    const unseen = total - Math.min(found.length, MAX_CARDS);
    byId('contacts-more').hidden = unseen <= 0 || words.length > 0;
    byId('contacts-more').textContent = `and ${unseen} more`;
    byId('count-contacts').textContent = String(total);
  }

  // Many changes of one burst are one redraw.
  let due = false;
  function showSoon(): void {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      show();
    });
  }

  filter.addEventListener('input', showSoon);

  return {
    fill(all, count) {
      contacts.clear();
      before.clear();
      for (const contact of all) contacts.set(contact.encryptedId, contact);
      total = count;
      showSoon();
    },
    put(contact, count) {
      const { encryptedId } = contact;
      const old = contacts.get(encryptedId);
      before.set(encryptedId, old);
      setTimeout(() => {
        if (contacts.get(encryptedId) !== contact) return;
        before.delete(encryptedId);
        showSoon();
      }, FRESH_MS);
      contacts.delete(encryptedId);
      contacts.set(encryptedId, contact);
      // Not all contacts are shown: one that is not may well be old.
      const isNew = count > total;
      total = count;
      showSoon();
      return isNew;
    },
  };
}

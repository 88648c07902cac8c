import type { Automation, Firing } from './automations.ts';
import type { Contact } from './contacts.ts';
import type { EmulatorState } from './emulator.ts';
import type { ArmedFault } from './faults.ts';
import type { JournalEntry } from './journal.ts';
import type { RuleRow } from './ruleBook.ts';

/** Contacts, requests and firings that a watcher is sent at first: the newest so many. */
const SHOWN = 200;

/** Characters of a request's body shown; the journal has it whole. */
const BODY_SHOWN = 8 * 1024;

/** A contact and what the legacy shape leaves out. */
export interface ContactView extends Contact {
  readonly lists: readonly string[];
}

/** A contact that is new or was written to, and how many there are. */
export interface ContactChange {
  readonly contact: ContactView;
  readonly total: number;
}

/** All that the live page shows. */
export interface Snapshot {
  readonly contacts: readonly ContactView[];
  readonly journal: readonly JournalEntry[];
  readonly automations: readonly Automation[];
  readonly fired: readonly Firing[];
  readonly faults: readonly ArmedFault[];
  readonly rules: readonly RuleRow[];
  readonly totals: {
    readonly contacts: number;
    readonly requests: number;
    readonly fired: number;
  };
}

/** Reads an emulator's state as the live page shows it. */
export interface View {
  contact(contact: Contact): ContactChange;
  request(entry: JournalEntry): JournalEntry;
  snapshot(): Snapshot;
}

/** Makes the view of one emulator. */
export function createView(state: EmulatorState): View {
  const withLists = (contact: Contact): ContactView => ({
    ...contact,
    lists: state.listsOf(contact.encryptedId),
  });

  function request(entry: JournalEntry): JournalEntry {
    const { length } = JSON.stringify(entry.body);
    return length > BODY_SHOWN ? { ...entry, body: `${length} characters, not shown` } : entry;
  }

  return {
    contact: (contact) => ({ contact: withLists(contact), total: state.contacts().length }),
    request,
    snapshot() {
      const contacts = state.contacts();
      const journal = state.journal();
      const { rules: automations, fired } = state.automations();
      return {
        contacts: contacts.slice(-SHOWN).map(withLists),
        journal: journal.slice(-SHOWN).map(request),
        automations,
        fired: fired.slice(-SHOWN),
        faults: state.faults(),
        rules: state.rules(),
        totals: { contacts: contacts.length, requests: journal.length, fired: fired.length },
      };
    },
  };
}

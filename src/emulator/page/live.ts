import type { Firing } from '../automations.ts';
import type { ArmedFault, Fault } from '../faults.ts';
import type { JournalEntry } from '../journal.ts';
import type { RuleRow } from '../ruleBook.ts';
import type { ContactChange, Snapshot } from '../view.ts';
import type { AutomationsPane } from './automationsPane.ts';
import type { ContactsPane } from './contactsPane.ts';
import type { Dom } from './dom.ts';
import type { FaultRequests, FaultsPane } from './faultsPane.ts';
import type { JournalPane } from './journalPane.ts';
import type { RulesPane } from './rulesPane.ts';

/** The makers of the page's parts. */
export interface Panes {
  readonly dom: (document: Document) => Dom;
  readonly contacts: (dom: Dom) => ContactsPane;
  readonly journal: (dom: Dom) => JournalPane;
  readonly automations: (dom: Dom) => AutomationsPane;
  readonly faults: (dom: Dom, requests: FaultRequests) => FaultsPane;
  readonly rules: (dom: Dom, flip: (id: string, choice: string) => void) => RulesPane;
}

/** Joins the panes to the event stream. Self-contained: the page carries its source. */
export function startLivePage(panes: Panes): void {
  const dom = panes.dom(document);
  const { byId } = dom;

  // A burst is one announcement, so that nobody has to hear each call.
  const ANNOUNCE_MS = 1500;
  let news: string[] = [];
  function announce(text: string): void {
    news.push(text);
    if (news.length > 1) return;
    setTimeout(() => {
      const latest = news.slice(-2).join(' ');
      byId('announcer').textContent =
        news.length > 2 ? `${news.length} changes, the latest: ${latest}` : latest;
      news = [];
    }, ANNOUNCE_MS);
  }

  async function ask(method: string, path: string, body?: unknown): Promise<void> {
    try {
      const response = await fetch(`/_emulator/${path}`, {
        method,
        headers: { 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) announce(`The emulator refused: ${response.status}.`);
    } catch {
      announce('The emulator cannot be reached.');
    }
  }

  const contacts = panes.contacts(dom);
  const journal = panes.journal(dom);
  const automations = panes.automations(dom);
  const faults = panes.faults(dom, {
    add: (fault: Fault) => void ask('POST', 'faults', fault),
    clear: () => void ask('DELETE', 'faults'),
    reset: () => void ask('POST', 'reset'),
  });
  const rules = panes.rules(dom, (id, choice) => void ask('POST', 'rules', { [id]: choice }));

  function link(state: string, text: string): void {
    byId('link').dataset.state = state;
    byId('link-text').textContent = text;
  }

  const source = new EventSource('/_emulator/events');
  const on = <Data>(name: string, handle: (data: Data) => void) =>
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));

  source.addEventListener('open', () => link('live', 'Live'));
  source.addEventListener('error', () => link('lost', 'Not connected, trying again'));
  on<Snapshot>('snapshot', (all) => {
    contacts.fill(all.contacts, all.totals.contacts);
    journal.fill(all.journal, all.totals.requests);
    automations.fill(all.automations, all.fired, all.totals.fired);
    faults.fill(all.faults);
    rules.fill(all.rules);
  });
  on<ContactChange>('contact', ({ contact, total }) => {
    const isNew = contacts.put(contact, total);
    announce(`${contact.email} ${isNew ? 'created' : 'updated'}.`);
  });
  on<JournalEntry>('request', journal.put);
  on<Firing>('fired', (firing) => {
    automations.put(firing);
    announce(`${firing.automation} ran for ${firing.email}.`);
  });
  on<readonly ArmedFault[]>('faults', faults.fill);
  on<readonly RuleRow[]>('rules', rules.fill);
}

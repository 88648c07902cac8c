import type { JournalEntry } from '../journal.ts';
import type { Dom } from './dom.ts';

/** The list of API requests. */
export interface JournalPane {
  /** Shows these and no others, oldest first. */
  fill(entries: readonly JournalEntry[], total: number): void;
  /** Shows a request that has come or been completed. */
  put(entry: JournalEntry): void;
}

/** Sets the list up. Self-contained: the page carries its source. */
export function createJournalPane({ byId, make, time }: Dom): JournalPane {
  const MAX_ROWS = 200;
  const list = byId('journal');
  const rows = new Map<number, HTMLElement>();
  let total = 0;

  function statusOf({ status, fault }: JournalEntry): readonly [kind: string, text: string] {
    const lost = status === null && fault !== undefined && !fault.startsWith('delay');
    if (lost) return ['bad', 'no answer'];
    if (status === null) return ['wait', 'waiting'];
    if (status >= 400) return ['bad', String(status)];
    return [fault ? 'wait' : 'ok', String(status)];
  }

  function subjectOf({ query, body, path }: JournalEntry): string {
    const inBody = typeof body === 'object' && body !== null && 'email' in body && body.email;
    const email = query.email ?? inBody;
    return typeof email === 'string' ? email : path;
  }

  const SURFACES = {
    rest: 'REST surface, which takes a key alone',
    legacy: 'Legacy surface, which takes a key with a team (SENDX_TEAM_ID)',
  };

  function whole(entry: JournalEntry): string {
    const query = new URLSearchParams(entry.query).toString();
    return [
      `${entry.method} ${entry.path}${query && `?${query}`}`,
      SURFACES[entry.surface],
      `API key ${entry.authorised ? 'right' : 'wrong or missing'}`,
      JSON.stringify(entry.body, null, 2),
    ].join('\n');
  }

  function details(entry: JournalEntry): HTMLDetailsElement {
    const [kind, text] = statusOf(entry);
    const status = make('span', 'status', text);
    status.dataset.kind = kind;
    const surface = make('span', 'surface', entry.surface);
    surface.title = SURFACES[entry.surface];
    const why = [entry.fault && `Fault: ${entry.fault}`, entry.problem].filter(Boolean).join('. ');
    const line = make(
      'summary',
      'line',
      make('span', 'time', time(entry.at)),
      make('span', 'verb', entry.path.split('/').pop() || entry.method),
      make('span', 'subject', subjectOf(entry)),
      surface,
      status,
      why ? make('span', 'why', why) : undefined,
    );
    const box = make('details', '', line);
    box.addEventListener('toggle', () => {
      if (!box.open || box.childElementCount > 1) return;
      const text = make('pre', '', whole(entry));
      text.tabIndex = 0;
      box.append(text);
    });
    return box;
  }

  /** Keeps what a person has opened open, and the focus where it is. */
  function replace(row: HTMLElement, entry: JournalEntry): void {
    const old = row.firstElementChild as HTMLDetailsElement;
    const made = details(entry);
    const focused = old.contains(document.activeElement);
    made.open = old.open;
    old.replaceWith(made);
    if (focused) made.querySelector('summary')?.focus();
  }

  function put(entry: JournalEntry): void {
    const known = rows.get(entry.seq);
    if (known) {
      replace(known, entry);
      return;
    }
    const row = make('li', '', details(entry));
    rows.set(entry.seq, row);
    list.prepend(row);
    for (const [seq, old] of rows) {
      if (rows.size <= MAX_ROWS) break;
      rows.delete(seq);
      old.remove();
    }
  }

  function count(requests: number): void {
    total = requests;
    byId('count-requests').textContent = String(total);
    byId('journal-empty').hidden = total > 0;
  }

  return {
    fill(entries, requests) {
      rows.clear();
      list.replaceChildren();
      for (const entry of entries) put(entry);
      count(requests);
    },
    put(entry) {
      if (!rows.has(entry.seq)) count(total + 1);
      put(entry);
    },
  };
}

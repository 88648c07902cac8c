import type { createUpstreamWords } from '../operator/upstreamWords.ts';
import type { Words } from '../operator/words.ts';
import type { Dom, PageDocument, PageElement } from './dom.ts';
import type { createOperatorRows, Verb } from './operatorRows.ts';
import type { MaskedLetter, Overview } from './overview.ts';

/** Keeps the operator's view current. Self-contained: the page carries its source. */
export function startOperatorPage(
  document: PageDocument,
  dom: Dom,
  words: Words,
  sayUpstream: ReturnType<typeof createUpstreamWords>,
  rowsOf: typeof createOperatorRows,
): void {
  const { byId, announce } = dom;
  const { number, age } = words;
  const POLL_MS = 2000;

  /** Fills a place only when it changes, so that focus and selection survive the polling. */
  const shown = new Map<string, string>();
  function show(id: string, data: unknown, fill: (place: PageElement) => void): void {
    const text = JSON.stringify(data);
    if (shown.get(id) === text) return;
    shown.set(id, text);
    fill(byId(id));
  }
  const write = (id: string, text: string) =>
    show(id, text, (place) => {
      place.textContent = text;
    });

  function link(state: string, text: string): void {
    byId('link').dataset.state = state;
    write('link-text', text);
  }

  function showUpstream(upstream: Overview['upstream'], waiting: number): void {
    const { tone, title, text } = sayUpstream(upstream, waiting);
    byId('upstream').dataset.state = tone;
    write('upstream-title', title);
    write('upstream-text', text);
  }

  function showTerms(id: string, rows: readonly (readonly [string, number])[]): void {
    show(id, rows, (place) => place.replaceChildren(...rows.map((row) => termRow(...row))));
    byId(`${id}-empty`).hidden = rows.length > 0;
  }

  async function act(letter: MaskedLetter, verb: Verb): Promise<void> {
    const answer = await fetch(`/dead/${encodeURIComponent(letter.id)}/${verb}`, {
      method: 'POST',
    }).catch(() => undefined);
    const done = verb === 'retry' ? 'goes to SendX again' : 'is dropped';
    announce(
      answer?.ok
        ? `Message ${letter.id} ${done}.`
        : `Message ${letter.id}: ${answer?.status === 404 ? 'it is no dead letter any more' : 'the proxy did not do it'}.`,
    );
    byId('dead-title').focus();
    await poll();
  }

  const { letterRow, deliveryRow, termRow } = rowsOf(dom, words, (...what) => void act(...what));

  function render(view: Overview): void {
    const { outbox, counts, letters, upstream, now } = view;
    write('version', view.version);
    write(
      'since',
      `Counted since ${new Date(counts.since).toLocaleString()} (${age(now - counts.since)})`,
    );
    showUpstream(upstream, outbox.waiting);
    write('waiting', number(outbox.waiting));
    write('oldest', outbox.waiting > 0 ? age(outbox.oldestMs) : 'none');
    write('in-flight', number(outbox.inFlight));
    write('accepted', number(counts.results.accepted));
    write('delivered', number(counts.delivered));
    write('duplicates', number(counts.results.duplicate));
    write('refused', number(counts.results.refused));
    write('later', number(counts.results.later));
    write('lost', number(counts.lost.expired + counts.lost.evicted));
    write('dead', number(outbox.dead));
    byId('dead-card').dataset.state = outbox.dead > 0 ? 'bad' : '';
    showTerms('refusals', Object.entries(counts.refusals));
    showTerms(
      'lost-list',
      Object.entries(counts.lost).filter(([, count]) => count > 0),
    );
    show('letters', letters, (place) => place.replaceChildren(...letters.map(letterRow)));
    byId('letters-empty').hidden = letters.length > 0;
    byId('letters-more').hidden = outbox.dead <= letters.length;
    write('letters-more', `The oldest ${letters.length} of ${number(outbox.dead)}.`);
    show('recent', counts.recent, (place) =>
      place.replaceChildren(...counts.recent.map(deliveryRow)),
    );
    byId('recent-table').hidden = counts.recent.length === 0;
    byId('recent-empty').hidden = counts.recent.length > 0;
  }

  let turn = 0;
  async function poll(): Promise<void> {
    turn += 1;
    const mine = turn;
    try {
      const answer = await fetch('/overview');
      const view = answer.ok ? ((await answer.json()) as Overview) : undefined;
      // A later poll has the later numbers.
      if (mine !== turn) return;
      if (view) {
        render(view);
        link('live', 'Live');
      } else link('lost', `The proxy answers ${answer.status}: its store may be away`);
    } catch {
      if (mine === turn) link('lost', 'Not connected, trying again');
    }
  }

  async function keepPolling(): Promise<void> {
    if (document.visibilityState !== 'hidden') await poll();
    setTimeout(() => void keepPolling(), POLL_MS);
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') void poll();
  });
  void keepPolling();
}

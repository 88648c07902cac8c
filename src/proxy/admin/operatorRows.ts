import type { Words } from '../operator/words.ts';
import type { Dom, PageElement } from './dom.ts';
import type { MaskedLetter } from './overview.ts';
import type { RecentDelivery } from './recentDeliveries.ts';

/** What is done with a dead letter. */
export type Verb = 'retry' | 'drop';

/** Rows of the operator's view. */
export interface OperatorRows {
  letterRow(letter: MaskedLetter): PageElement;
  deliveryRow(event: RecentDelivery): PageElement;
  /** How often something was refused or lost for one reason. */
  termRow(code: string, count: number): PageElement;
}

/**
 * Makes {@link OperatorRows}. Self-contained: the page carries its source.
 *
 * @param act - Does what a button says.
 */
export function createOperatorRows(
  { make }: Dom,
  { number, time }: Words,
  act: (letter: MaskedLetter, verb: Verb) => void,
): OperatorRows {
  /** How long a button that destroys waits for its second click. */
  const CONFIRM_MS = 5000;

  const DEATHS: Readonly<Record<string, string>> = {
    rejected: 'SendX refused it',
    expired: 'it became older than 7 days',
    ambiguous: 'it adds to a number, and nobody knows whether SendX did',
  };
  const TERMS: Readonly<Record<string, string>> = {
    invalid: 'the message is malformed',
    unidentified: 'no e-mail was known',
    tag_not_allowed: 'a tag is not in ALLOWED_TAGS',
    field_not_allowed: 'a field is not in ALLOWED_FIELDS',
    signature_required: 'it needs a signature',
    signature_wrong: 'its signature is wrong',
    rejected: 'SendX does not take it',
    expired: 'older than 7 days in the browser',
    evicted: 'pushed out by newer ones',
  };

  function button(text: string, label: string, press: (made: PageElement) => void): PageElement {
    const made = make('button', '', text);
    made.setAttribute('type', 'button');
    made.setAttribute('aria-label', label);
    made.addEventListener('click', () => press(made));
    return made;
  }

  function letterRow(letter: MaskedLetter): PageElement {
    const name = `${letter.type} ${letter.id}`;
    let isSure = false;
    const retry = button('Retry', `Retry ${name}`, (made) => {
      made.disabled = true;
      act(letter, 'retry');
    });
    const drop = button('Drop', `Drop ${name}`, (made) => {
      if (isSure) {
        made.disabled = true;
        act(letter, 'drop');
        return;
      }
      isSure = true;
      made.textContent = 'Really drop?';
      made.setAttribute('aria-label', `Really drop ${name}?`);
      setTimeout(() => {
        isSure = false;
        made.textContent = 'Drop';
        made.setAttribute('aria-label', `Drop ${name}`);
      }, CONFIRM_MS);
    });
    drop.className = 'danger';
    const attempts = letter.attempts === 1 ? 'one attempt' : `${letter.attempts} attempts`;
    return make(
      'li',
      'letter',
      make(
        'div',
        'words',
        make('p', '', make('strong', '', letter.type), ' ', make('code', '', letter.id)),
        make('p', 'why', make('code', '', letter.reason), ` ${DEATHS[letter.reason] ?? ''}`),
        letter.detail ? make('p', 'muted', letter.detail) : undefined,
        make(
          'p',
          'muted',
          `${new Date(letter.diedAt).toLocaleString()}, ${attempts}, contact ${letter.lane.slice(0, 10)}`,
        ),
      ),
      make('div', 'buttons', retry, drop),
    );
  }

  function deliveryRow(event: RecentDelivery): PageElement {
    const kind = { done: 'ok', retry: 'wait', dead: 'bad' }[event.verdict];
    const badge = make(
      'span',
      'badge',
      { done: 'delivered', retry: 'again', dead: 'dead' }[event.verdict],
    );
    badge.dataset.kind = kind;
    const cell = (className: string, ...inner: readonly (PageElement | string)[]) =>
      make('td', className, ...inner);
    return make(
      'tr',
      '',
      cell('', time(event.at)),
      cell('', event.type),
      cell('lane', make('code', '', event.lane.slice(0, 10))),
      cell('', badge),
      cell('code', String(event.status ?? event.failure ?? '')),
      cell('right', String(event.attempt)),
      cell('right', `${Math.round(event.ms)}`),
    );
  }

  function termRow(code: string, count: number): PageElement {
    return make(
      'li',
      '',
      make('span', 'what', make('code', '', code), ` ${TERMS[code] ?? ''}`),
      make('strong', '', number(count)),
    );
  }

  return { letterRow, deliveryRow, termRow };
}

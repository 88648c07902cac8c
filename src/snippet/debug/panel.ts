import type { Attributes } from './element.ts';
import type { CallReport, Report } from './report.ts';

/** What the panel is made with. */
export interface PanelParts {
  readonly element: <Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    attributes?: Attributes,
    ...children: readonly (Node | string | false | undefined)[]
  ) => HTMLElementTagNameMap[Name];
  readonly style: string;
  /** Somebody asks to look again, at the endpoint too. */
  readonly onCheck: () => void;
}

/** The panel on the page. */
export interface Panel {
  show(report: Report): void;
}

/** Begins with a capital, unless with the name of a property. */
const sentence = (text: string) =>
  `${/^[\w.]+ (must|is no|cannot|needs)/.test(text) ? text : `${text[0]?.toUpperCase()}${text.slice(1)}`}.`;

const clock = (at: number) => new Date(at).toTimeString().slice(0, 8);

/**
 * Puts the panel over the page: in a shadow root of its own, fixed, so that it moves nothing. Its
 * style sheet is constructed, which no Content-Security-Policy forbids. Escape folds it into a
 * button; it never takes the focus by itself.
 */
export function createPanel({ element, style, onCheck }: PanelParts): Panel {
  const host = document.createElement('sendx-debug');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const headline = element('p', { class: 'headline', role: 'status' });
  const facts = element('dl');
  const calls = element('ol');
  const callsTitle = element('h3', { id: 'calls' });
  const forms = element('ul');
  const check = element('button', { type: 'button' }, 'Check again');
  const fold = element('button', { type: 'button', 'aria-expanded': 'true' }, 'Fold');
  const dot = element('span', { class: 'dot' });
  const pill = element(
    'button',
    { type: 'button', class: 'pill', 'aria-expanded': 'false' },
    dot,
    'SendX debug',
  );
  const panel = element(
    'section',
    { 'aria-labelledby': 'title' },
    element('header', {}, element('h2', { id: 'title' }, 'SendX debug'), check, fold),
    headline,
    element(
      'div',
      { class: 'body', tabindex: '0', role: 'group', 'aria-label': 'Details' },
      facts,
      callsTitle,
      calls,
      element('h3', {}, 'Forms on this page'),
      forms,
      element(
        'footer',
        {},
        'Opened by ?sendx_debug or data-debug. Personal values are masked. The console says the same.',
      ),
    ),
  );

  const setFolded = (folded: boolean) => {
    const hadFocus = root.activeElement;
    panel.hidden = folded;
    pill.hidden = !folded;
    if (hadFocus) (folded ? pill : fold).focus();
  };
  fold.addEventListener('click', () => setFolded(true));
  pill.addEventListener('click', () => setFolded(false));
  check.addEventListener('click', onCheck);
  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key === 'Escape') setFolded(true);
  });
  // The page's own handlers, such as those that close a menu, are not meant.
  for (const type of ['click', 'keydown', 'pointerdown', 'mousedown'])
    host.addEventListener(type, (event) => event.stopPropagation());
  setFolded(false);
  root.append(panel, pill);
  document.documentElement.append(host);

  const fact = (term: string, tone: string | undefined, ...text: (Node | string)[]) => [
    element('dt', {}, term),
    element('dd', { 'data-tone': tone }, ...text),
  ];
  const callItem = ({ tone, text, at, name, summary, step }: CallReport) =>
    element(
      'li',
      { 'data-tone': tone },
      element(
        'div',
        { class: 'head' },
        element('span', { class: 'name' }, name),
        element('span', { class: 'chip' }, step),
        element('time', {}, clock(at)),
      ),
      summary !== '' && element('p', { class: 'summary' }, summary),
      element('p', { class: 'why', 'data-tone': tone }, sentence(text)),
    );
  const formItem = ({ title, verdict, fields }: Report['forms'][number]) =>
    element(
      'li',
      {},
      element('span', { class: 'name' }, title),
      element('p', { class: 'why', 'data-tone': verdict.tone }, verdict.text),
      fields.length > 0 &&
        element(
          'table',
          { 'aria-label': `Fields of ${title}` },
          element(
            'tbody',
            {},
            ...fields.map(([field, control, value]) =>
              element(
                'tr',
                {},
                element('th', { scope: 'row' }, field),
                element('td', {}, control),
                element('td', {}, value),
              ),
            ),
          ),
        ),
    );
  /** Leaves alone what has not changed: a screen reader would start again, a selection be lost. */
  const fill = (parent: Element, ...children: readonly (Node | string)[]) => {
    const fresh = element('div', {}, ...children);
    if (fresh.innerHTML !== parent.innerHTML) parent.replaceChildren(...fresh.childNodes);
  };

  return {
    show(report) {
      const { headline: first, visitor, consent, outbox, endpoint, address } = report;
      headline.setAttribute('data-tone', first.tone);
      dot.setAttribute('data-tone', first.tone);
      fill(headline, first.text);
      pill.title = first.text;
      fill(
        facts,
        ...fact('Visitor', undefined, visitor),
        ...fact('Consent', consent.tone, ...consent.text.split(':', 1)),
        ...fact('Outbox', undefined, outbox),
        ...fact(
          'Endpoint',
          endpoint.tone,
          ...(endpoint.text === first.text ? [] : [endpoint.text, element('br')]),
          element('small', {}, address),
        ),
      );
      fill(callsTitle, `Calls (${report.calls.length})`);
      fill(
        calls,
        ...(report.calls.length
          ? report.calls.map(callItem).reverse()
          : [element('li', { class: 'none' }, 'None yet.')]),
      );
      fill(
        forms,
        ...(report.forms.length
          ? report.forms.map(formItem)
          : [element('li', { class: 'none' }, 'There is none.')]),
      );
    },
  };
}

import type { Dom, PageElement } from './dom.ts';
import type { InstallFacts } from './installFacts.ts';
import type { Finding } from './judgeTag.ts';
import type { Recipe, Snippet } from './recipes.ts';

/** What the install page is given. */
export interface InstallPageParts {
  readonly dom: Dom;
  readonly writeRecipes: (facts: InstallFacts, proxy: string) => readonly Recipe[];
  /** Puts text on the clipboard; rejects where the browser does not let it. */
  readonly copy: (text: string) => Promise<void>;
}

/** Writes the recipes and answers the check. Self-contained: the page carries its source. */
export function startInstallPage({ dom, writeRecipes, copy }: InstallPageParts): void {
  const { byId, make } = dom;
  const TOAST_MS = 6000;
  let toasts = 0;
  function announce(text: string): void {
    toasts += 1;
    const mine = toasts;
    dom.announce(text);
    setTimeout(() => mine === toasts && dom.announce(''), TOAST_MS);
  }
  const PLACEHOLDER = 'https://t.example.com';
  const COPIED_MS = 2000;
  const address = byId('address');
  let facts: InstallFacts | undefined;

  /** What was typed as an address without a slash at the end, or the placeholder. */
  function proxyOf(): string {
    const typed = address.value.trim().replace(/\/+$/, '');
    const scheme = /^(localhost|127\.|\[::1\])/i.test(typed) ? 'http' : 'https';
    const full = typed === '' || /^https?:\/\//i.test(typed) ? typed : `${scheme}://${typed}`;
    const url = URL.canParse(full) ? new URL(full) : undefined;
    return url ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : PLACEHOLDER;
  }

  function snippetBox(recipe: Recipe, { label, text }: Snippet): PageElement {
    const button = make('button', '', 'Copy');
    button.setAttribute('type', 'button');
    button.setAttribute('aria-label', `Copy: ${recipe.title}, ${label}`);
    button.addEventListener('click', () => {
      void copy(text).then(
        () => {
          button.textContent = 'Copied';
          announce(`Copied: ${label}.`);
          setTimeout(() => {
            button.textContent = 'Copy';
          }, COPIED_MS);
        },
        () => announce('The browser does not let the page copy. Select the text and copy it.'),
      );
    });
    const code = make('pre', '', make('code', '', text));
    code.setAttribute('tabindex', '0');
    code.setAttribute('role', 'group');
    code.setAttribute('aria-label', `${recipe.title}, ${label}`);
    return make('div', 'snippet', make('div', 'head', make('h3', '', label), button), code);
  }

  function recipeBox(recipe: Recipe): PageElement {
    const title = make('h2', '', recipe.title);
    title.setAttribute('id', recipe.id);
    title.setAttribute('tabindex', '-1');
    return make(
      'section',
      'panel',
      title,
      make('p', 'lead', recipe.intro),
      ...recipe.snippets.map((snippet) => snippetBox(recipe, snippet)),
      make('ul', 'notes', ...recipe.notes.map((note) => make('li', '', note))),
    );
  }

  function render(): void {
    if (facts === undefined) return;
    const recipes = writeRecipes(facts, proxyOf());
    const checkId = 'check-title';
    byId('version').textContent = facts.version;
    byId('origins').textContent = facts.allowedOrigins.join(', ');
    byId('placeholder-note').hidden = proxyOf() !== PLACEHOLDER;
    byId('contents').replaceChildren(
      ...[...recipes, { id: checkId, title: byId(checkId).textContent ?? '' }].map(
        ({ id, title }) => {
          const link = make('a', '', title);
          link.setAttribute('href', `#${id}`);
          return make('li', '', link);
        },
      ),
    );
    byId('recipes').replaceChildren(...recipes.map(recipeBox));
  }

  function findingRow({ state, about, text }: Finding): PageElement {
    const badge = make('span', 'badge', state);
    badge.dataset.kind = { good: 'ok', doubtful: 'wait', wrong: 'bad' }[state];
    return make('li', '', badge, make('span', '', make('strong', '', about), ` ${text}`));
  }

  async function check(): Promise<void> {
    const html = byId('source').value;
    byId('findings').replaceChildren();
    if (html.trim() === '') {
      announce('Paste the source of a page first.');
      byId('source').focus();
      return;
    }
    const answer = await fetch('/install/check', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ html, site: byId('site').value, proxy: proxyOf() }),
    }).catch(() => undefined);
    if (!answer?.ok) {
      announce('The proxy could not check the page: it may be too large, or not be reached.');
      return;
    }
    const { findings } = (await answer.json()) as { readonly findings: readonly Finding[] };
    const isGood = ({ state }: Finding) => Number(state === 'good');
    const rows = [...findings].sort((one, other) => isGood(one) - isGood(other)).map(findingRow);
    byId('findings').replaceChildren(...rows);
    byId('findings').scrollIntoView({ block: 'nearest' });
    const bad = findings.filter(({ state }) => state !== 'good').length;
    const need = bad === 1 ? 'needs' : 'need';
    announce(
      bad === 0 ? 'Everything is in place.' : `${bad} of ${findings.length} ${need} a look.`,
    );
  }

  address.addEventListener('input', render);
  byId('check').addEventListener('click', () => void check());
  void fetch('/install/facts')
    .then(async (answer) => {
      facts = (await answer.json()) as InstallFacts;
      if (address.value === '') address.value = facts.publicUrl ?? '';
      render();
    })
    .catch(() => announce('The proxy cannot be reached. Load the page again.'));
}

/**
 * What the admin's pages use of an element. The proxy is compiled without the DOM's types, so that
 * `document` stays out of everything else in it.
 */
export interface PageElement {
  textContent: string | null;
  className: string;
  hidden: boolean;
  disabled: boolean;
  value: string;
  readonly dataset: Record<string, string | undefined>;
  append(...children: readonly (PageElement | string)[]): void;
  replaceChildren(...children: readonly (PageElement | string)[]): void;
  setAttribute(name: string, value: string): void;
  addEventListener(name: string, listener: () => void): void;
  focus(): void;
  scrollIntoView(options: { readonly block: 'nearest' }): void;
}

/** What the pages use of the document. */
export interface PageDocument {
  readonly visibilityState: string;
  getElementById(id: string): PageElement | null;
  createElement(name: string): PageElement;
  addEventListener(name: string, listener: () => void): void;
}

/** How the pages touch their document: text becomes text nodes, and nothing parses markup. */
export interface Dom {
  /** The page's own element of that id. */
  byId(id: string): PageElement;
  /** A new element; `undefined` children are left out. */
  make(
    name: string,
    className: string,
    ...children: readonly (PageElement | string | undefined)[]
  ): PageElement;
  /** Says it to who listens to the page. */
  announce(text: string): void;
}

/** Binds {@link Dom} to a document. Self-contained: the page carries its source. */
export function createDom(document: PageDocument): Dom {
  const byId = (id: string) => {
    const found = document.getElementById(id);
    if (!found) throw new Error(`The page has no #${id}`);
    return found;
  };
  return {
    byId,
    make(name, className, ...children) {
      const made = document.createElement(name);
      if (className) made.className = className;
      made.append(...children.filter((child) => child !== undefined));
      return made;
    },
    announce(text) {
      byId('announcer').textContent = text;
    },
  };
}

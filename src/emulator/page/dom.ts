/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * How the live page touches its document. Everything it shows may have been written by an
 * attacker, so text becomes text nodes and nothing here parses markup.
 */
export interface Dom {
  /** The page's own element of that id. */
  byId(id: string): HTMLElement;
  /** A new element; `undefined` children are left out. */
  make<Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    className: string,
    ...children: readonly (Node | string | undefined)[]
  ): HTMLElementTagNameMap[Name];
  /** A time of day. */
  time(at: number): string;
}

/** Binds {@link Dom} to a document. Self-contained: the page carries its source. */
export function createDom(document: Document): Dom {
  return {
    byId(id) {
      const found = document.getElementById(id);
      if (!found) throw new Error(`The page has no #${id}`);
      return found;
    },
    make(name, className, ...children) {
      const made = document.createElement(name);
      if (className) made.className = className;
      made.append(...children.filter((child) => child !== undefined));
      return made;
    },
    // Not `hour12: false`, by which V8 counts the hour after midnight as the 24th.
    time: (at) => new Date(at).toLocaleTimeString([], { hourCycle: 'h23' }),
  };
}

/** A script element of pasted HTML. */
export interface PageScript {
  /** By lower-cased name; empty where the attribute has no value. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Attributes: the HTML standard's three ways to write a value, or none. */
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

const OPENING = /<!--|<script(?=[\s/>])/gi;
const CLOSING = /<\/script(?=[\s/>])/gi;

// A quoted value may hold `>`.
const REST_OF_TAG = /((?:[^>"']|"[^"]*"|'[^']*')*)>/y;

const START_TAG = /<[a-z][^\s<>"'/]*((?:[^<>"']|"[^"]*"|'[^']*')*)>/gi;

/** Attributes of a tag, given what stands between its name and its end. */
export function parseAttributes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const value = (double ?? single ?? bare ?? '').replaceAll('&amp;', '&');
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  }
  return found;
}

/** Attributes of every start tag, none from inside a comment. */
export function findTags(html: string): readonly ReadonlyMap<string, string>[] {
  const [first = '', ...rest] = html.split('<!--');
  const shown = first + rest.map((piece) => piece.split('-->').slice(1).join('')).join('');
  return Array.from(shown.matchAll(START_TAG), ([, text = '']) => parseAttributes(text));
}

/**
 * Script elements in their order, none from inside a comment. What is not closed swallows the rest,
 * as in browsers; so each character is looked at once, whatever the page.
 */
export function findScripts(html: string): readonly PageScript[] {
  const found: PageScript[] = [];
  let at = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const matched = pattern.exec(html);
    at = matched ? pattern.lastIndex : html.length;
    return matched;
  };
  for (let opening = match(OPENING); opening; opening = match(OPENING)) {
    if (opening[0] === '<!--') {
      const end = html.indexOf('-->', at);
      at = end === -1 ? html.length : end + 3;
      continue;
    }
    const tag = match(REST_OF_TAG);
    const start = at;
    const closing = tag && match(CLOSING);
    if (!closing) break;
    found.push({
      attributes: parseAttributes(tag[1] ?? ''),
      text: html.slice(start, closing.index),
    });
  }
  return found;
}

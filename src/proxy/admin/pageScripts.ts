/** A script element of pasted HTML. */
export interface PageScript {
  /** By lower-cased name; empty where the attribute has no value. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Attributes: the HTML standard's three ways to write a value, or none. */
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

// A quoted value may hold `>`. What is inside a comment is no element.
const SCRIPT = /<!--[\s\S]*?-->|<script\b((?:[^>"']|"[^"]*"|'[^']*')*)>([\s\S]*?)<\/script\s*>/gi;

/** Attributes of a tag, given what stands between its name and its end. */
export function parseAttributes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const value = (double ?? single ?? bare ?? '').replaceAll('&amp;', '&');
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  }
  return found;
}

/** Script elements in their order. */
export const findScripts = (html: string): readonly PageScript[] =>
  [...html.matchAll(SCRIPT)]
    .filter(([element]) => !element.startsWith('<!--'))
    .map(([, attributes = '', text = '']) => ({ attributes: parseAttributes(attributes), text }));

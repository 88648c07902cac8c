/** The cookies of a site: name and value, and no more of `max-age` than whether it is over. */
export interface CookieJar {
  /** As `document.cookie` reads; throws where `refused`. */
  cookie: string;
  /** Whether touching it throws, as in a sandboxed frame. */
  refused: boolean;
  /** What was written, with its attributes. */
  readonly written: readonly string[];
}

/** A jar that all tabs share. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, string>();
  const written: string[] = [];
  return {
    refused: false,
    written,
    get cookie() {
      if (this.refused) throw new DOMException('sandboxed', 'SecurityError');
      return [...cookies].map((pair) => pair.join('=')).join('; ');
    },
    set cookie(text) {
      if (this.refused) throw new DOMException('sandboxed', 'SecurityError');
      written.push(text);
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(text) ?? [];
      if (/max-age=0(;|$)/.test(text)) cookies.delete(name);
      else cookies.set(name, value);
    },
  };
}

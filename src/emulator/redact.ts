const MASK = '[api key]';

// Levels kept of a body: a contact has two, and a hostile body may have enough to end the stack.
const MAX_DEPTH = 32;

// Where a confused client might put its key; the value goes whether or not it is the right one.
const KEY_PARAMETERS = new Set(['api_key', 'apikey', 'x-team-apikey']);

/** Removes the API key from what is about to be kept or shown. */
export interface Redactor {
  /** Any JSON value, keys and values alike. */
  value(value: unknown): unknown;
  /** A query, as a record: the last of several values wins. */
  query(query: URLSearchParams): Record<string, string>;
}

/** Makes a redactor for one key. */
export function createRedactor(apiKey: string): Redactor {
  // As it is, as a path or a form has it, and as JSON that does not parse has it.
  const forms = [apiKey, encodeURIComponent(apiKey), JSON.stringify(apiKey).slice(1, -1)];
  const text = (input: string) =>
    forms.reduce((masked, form) => masked.replaceAll(form, MASK), input);

  function walk(input: unknown, depth: number): unknown {
    if (typeof input === 'string') return text(input);
    if (typeof input !== 'object' || input === null) return input;
    if (depth === MAX_DEPTH) return '[deeper]';
    if (Array.isArray(input)) return input.map((inner) => walk(inner, depth + 1));
    const entries = Object.entries(input);
    return Object.fromEntries(
      entries.map(([name, inner]) => [
        text(name),
        KEY_PARAMETERS.has(name.toLowerCase()) ? MASK : walk(inner, depth + 1),
      ]),
    );
  }

  const value = (input: unknown) => walk(input, 0);

  return {
    value,
    query: (query) => value(Object.fromEntries(query)) as Record<string, string>,
  };
}

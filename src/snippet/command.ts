import type { Traits } from '../protocol.ts';

/** What the page said, parsed: every value is a trimmed, non-empty string. */
export type Command = {
  readonly email?: string;
  readonly signature?: string;
} & (
  | { readonly type: 'identify'; readonly traits: Traits }
  | { readonly type: 'track'; readonly addTags?: string[]; readonly removeTags?: string[] }
);

/** Why a call is no command; thrown. */
export interface Problem {
  /** Where, such as `customFields.Age`. */
  readonly path: string;
  readonly received: unknown;
}

const FIELDS = {
  identify: /^(newEmail|firstName|lastName|company|birthday|customFields|tags)$/,
  track: /^(addTags|removeTags)$/,
};

const parse = (path: string, received: unknown): unknown => {
  const problem: Problem = { path, received };
  if (received == null) return '';
  // Without a prototype: neither a polluted Object.prototype nor its toJSON is inherited.
  const found = Object.create(null);
  if (/ags$/.test(path)) {
    const names = Array.isArray(received) ? received : `${received}`.split(',');
    const tags = [...new Set(names.map((name) => parse('tag', name)))].filter(Boolean);
    // Prototype.js before 1.7 puts a toJSON on arrays that encodes them twice; an own one hides it.
    return tags[0] && Object.assign(tags, { toJSON: undefined });
  }
  if (path === 'customFields') {
    for (const key of Object.keys(received))
      found[key.trim()] = parse(key, (received as Record<string, unknown>)[key]) || undefined;
    return found;
  }
  if (!/^(string|number|boolean)$/.test(typeof received)) throw problem;
  const text = `${received}`.trim();
  if (!text || !/^(newE|e)mail$/.test(path)) return text;
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw problem;
  return text.toLowerCase();
};

/**
 * Reads one call's payload. Unknown properties are ignored; `null` and blank values count as absent.
 *
 * @param type - `identify` or `track`.
 * @param payload - Whatever the page passed.
 * @throws {Problem}
 */
export function parseCommand(type: 'identify' | 'track', payload: unknown): Command {
  const command = Object.create(null);
  const traits = Object.create(null);
  for (const key of Object.keys(payload as object)) {
    const common = /^(email|signature)$/.test(key);
    if (!common && !FIELDS[type].test(key)) continue;
    const value = parse(key, (payload as Record<string, unknown>)[key]);
    if (value) (common || type === 'track' ? command : traits)[key] = value;
  }
  command.type = type;
  if (type === 'identify') command.traits = traits;
  else if (!command.addTags && !command.removeTags)
    throw { path: 'addTags', received: payload } satisfies Problem;
  return command;
}

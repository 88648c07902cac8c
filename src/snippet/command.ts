import type { Traits } from '../protocol.ts';

/** What the page said: known properties only, e-mails normalised; the proxy reads the values. */
export interface Command {
  readonly email?: string;
  readonly signature?: string;
  /** Of an identify. */
  readonly traits?: Traits;
  /** Of a track. */
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
}

/** Why a call is no command; thrown. */
export interface Problem {
  readonly path: string;
  readonly received: unknown;
}

/** The two calls that say something about a contact. */
export type CommandType = 'identify' | 'track';

const FIELDS = {
  identify: /^(firstName|lastName|company|birthday|newEmail|customFields|tags)$/,
  track: /^(addTags|removeTags)$/,
};

const address = (path: string, received: unknown): string => {
  const text = `${received}`.trim().toLowerCase();
  // What the proxy never takes is not to become who the visitor is: nothing is empty beside a dot,
  // and a domain has one.
  if (/^[^\s@.]+(\.[^\s@.]+)*@[^\s@.]+(\.[^\s@.]+)+$/.test(text)) return text;
  throw { path, received } satisfies Problem;
};

/**
 * Picks what may travel: whatever else a page's object holds stays in the page. `null` and empty
 * values count as absent.
 *
 * @param payload - Whatever the page passed.
 * @throws {Problem}
 */
export function parseCommand(type: CommandType, payload: unknown): Command {
  if (typeof payload !== 'object') throw { path: type, received: payload } satisfies Problem;
  // Without a prototype: neither a polluted Object.prototype nor its toJSON is inherited.
  const command: Record<string, unknown> = { __proto__: null };
  const body = type === 'track' ? command : { __proto__: null };
  if (body !== command) command.traits = body;
  for (const key of Object.keys(payload as object)) {
    const value = (payload as Record<string, unknown>)[key];
    const home = /^(email|signature)$/.test(key) ? command : FIELDS[type].test(key) && body;
    if (home && value != null && value !== '')
      home[key] = /mail$/.test(key) ? address(key, value) : value;
  }
  return command;
}

import * as v from 'valibot';
import { MAX_MESSAGE_BYTES, type Message } from '../../protocol.ts';
import { jsonFault } from './json.ts';
import { messageSchema } from './messageSchema.ts';
import { tidy } from './tidy.ts';

/** A message, or why it is none; `fault` names places and rules and never a value. */
export type ParsedMessage = { readonly message: Message } | { readonly fault: string };

// valibot's own messages quote what they received.
const CONFIG = { abortEarly: true, message: 'is not valid' } as const;

const KNOWN_KEYS = new Set(
  'id at type email signature traits firstName lastName company birthday newEmail customFields tags addTags removeTags'.split(
    ' ',
  ),
);

/** Parses one message on its own, so that a bad one harms no neighbour. */
export function parseMessage(value: unknown): ParsedMessage {
  const unfit = jsonFault(value);
  if (unfit === 'forbidden_key') return { fault: 'a key is not allowed' };
  if (unfit === 'too_deep') return { fault: 'it is nested too deeply' };
  const parsed = v.safeParse(messageSchema, tidy(value), CONFIG);
  if (!parsed.success) return { fault: describe(parsed.issues[0]) };
  if (byteLength(parsed.output) > MAX_MESSAGE_BYTES) {
    return { fault: `it has more than ${MAX_MESSAGE_BYTES} bytes` };
  }
  return { message: parsed.output };
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map(({ key }) => pathStep(key)) ?? [];
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `${[...path.slice(0, -1), 'a key'].join('.')} is unknown`;
  }
  if (path.length === 0) return issue.type === 'check' ? issue.message : 'it must be an object';
  return issue.expected !== null && issue.received === 'undefined'
    ? `${path.join('.')} is missing`
    : `${path.join('.')} ${issue.message}`;
}

/** Keys that the visitor chose (custom fields, unknown ones) are values: they are not repeated. */
function pathStep(key: unknown): string {
  return typeof key === 'number' || (typeof key === 'string' && KNOWN_KEYS.has(key))
    ? String(key)
    : '*';
}

function byteLength(value: unknown): number {
  const json = JSON.stringify(value);
  // At most 3 bytes for each UTF-16 unit: most messages need no encoding to be measured.
  return json.length * 3 <= MAX_MESSAGE_BYTES ? json.length : encoder.encode(json).length;
}

const encoder = new TextEncoder();

import { MAX_DEPTH, MAX_LABEL_LENGTH } from './bounds.ts';
import { cleanName } from './cleanName.ts';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** What makes a JSON value unfit to be looked at any further, or `undefined`. */
export function jsonFault(value: unknown, depth = 0): 'forbidden_key' | 'too_deep' | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === MAX_DEPTH) return 'too_deep';
  for (const key of Object.keys(value)) {
    if (isForbidden(key)) return 'forbidden_key';
    const fault = jsonFault(Reflect.get(value, key), depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Judges a key by what the message's validation makes of it. A longer one is refused there. */
function isForbidden(key: string): boolean {
  const name = key.trim();
  return name.length <= MAX_LABEL_LENGTH && FORBIDDEN.has(cleanName(name));
}

/** The value of a JSON text, or `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Undoes one needless encoding: pages with Prototype.js give arrays a `toJSON`, which makes
 * `JSON.stringify` write an array as a string of JSON.
 */
export function unwrapArray(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[')) return value;
  const inner = parseJson(value);
  return Array.isArray(inner) ? inner : value;
}

/** Whether `value` is a JSON object, as opposed to an array, `null` or a scalar. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

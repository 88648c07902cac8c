import type { Fault, FaultKind } from './faults.ts';

/** A fault, or what is wrong with it. */
export type ParsedFault =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly issue: string };

const KINDS: readonly FaultKind['kind'][] = [
  'status',
  'malformed',
  'error-body',
  'delay',
  'hang',
  'cut',
];

const isAtLeast = (least: number) => (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value >= least;
const isText = (value: unknown) => typeof value === 'string';

const PROPERTIES: Readonly<Record<string, [check: (value: unknown) => boolean, expected: string]>> =
  {
    kind: [(value) => KINDS.some((kind) => kind === value), `one of ${KINDS.join(', ')}`],
    status: [
      (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
      'a whole number from 200 to 599',
    ],
    body: [() => true, 'any JSON'],
    times: [(value) => Number.isInteger(value) && Number(value) >= 1, 'a whole number from 1'],
    forMs: [isAtLeast(1), 'milliseconds from 1'],
    path: [isText, 'a string'],
    email: [isText, 'a string'],
    delayMs: [isAtLeast(0), 'milliseconds from 0'],
    applies: [(value) => typeof value === 'boolean', 'true or false'],
    retryAfter: [(value) => isText(value) || isAtLeast(0)(value), 'seconds or an HTTP date'],
  };

/**
 * Parses a fault that came over HTTP.
 *
 * @param input - Parsed JSON of any shape.
 */
export function parseFault(input: unknown): ParsedFault {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, issue: 'A fault is an object; no fault was added.' };
  }
  for (const [name, value] of Object.entries(input)) {
    const property = Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name] : undefined;
    if (!property) return { ok: false, issue: `A fault has no "${name}"; no fault was added.` };
    const [check, expected] = property;
    if (!check(value)) {
      return { ok: false, issue: `"${name}" must be ${expected}; no fault was added.` };
    }
  }
  const { kind, status, delayMs } = input as Partial<Record<string, unknown>>;
  const lacks = !kind
    ? 'kind'
    : kind === 'status' && status === undefined
      ? 'status'
      : kind === 'delay' && delayMs === undefined
        ? 'delayMs'
        : undefined;
  if (lacks) return { ok: false, issue: `A fault needs "${lacks}"; no fault was added.` };
  return { ok: true, fault: input as Fault };
}

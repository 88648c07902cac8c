import { describeValue } from './mask.ts';
import { asObject, readTags } from './payload.ts';

/** What is wrong with a call: the place, what belongs there and what was there. */
export interface Fault {
  readonly path: string;
  /** Goes on from the path: `must be …`. */
  readonly expected: string;
  /** Absent where the place itself is wrong. */
  readonly received?: unknown;
  /** The call went on without it. */
  readonly mild?: boolean;
  /** A name of ours was meant; any other is the page's own, and stays in the page. */
  readonly isTypo?: boolean;
}

/** Names that both calls take. */
const COMMON = ['email', 'signature', 'success', 'failure'];
const TEXTS = ['firstName', 'lastName', 'company'];
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  identify: [...COMMON, ...TEXTS, 'birthday', 'newEmail', 'customFields', 'tags'],
  track: [...COMMON, 'addTags', 'removeTags'],
};

/** The calls there are. */
export const COMMANDS = 'identify, track, consent, reset, flush, on, config or form';

const isText = (value: unknown) => /string|number|boolean/.test(typeof value);
const isAddress = (value: unknown) =>
  /^[^\s@.]+(\.[^\s@.]+)*@[^\s@.]+(\.[^\s@.]+)+$/.test(`${value}`.trim());
const isDate = (value: unknown) =>
  /^\d{4}-\d\d-\d\d$/.test(`${value}`) && !Number.isNaN(Date.parse(`${value}`));

/** A property without capitals and separators, to find the one that was meant. */
const bare = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');

/**
 * Finds what is wrong with a call, the gravest first. It knows what the proxy knows, so that a page
 * hears why before or without an answer.
 *
 * @param name - The call's first argument.
 * @param payload - Its second.
 */
export function findFaults(name: unknown, payload: unknown): readonly Fault[] {
  const known = KNOWN[name as string];
  if (name === 'consent')
    return /^(granted|denied|pending)$/.test(`${payload}`)
      ? []
      : [{ path: 'the choice', expected: 'must be granted, denied or pending', received: payload }];
  if (!known) return [];
  if (!payload || typeof payload !== 'object')
    return [{ path: 'the second argument', expected: 'must be an object', received: payload }];
  const given = Object.entries(payload).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const faults: Fault[] = [];
  const check = (path: string, right: boolean, expected: string, received: unknown) => {
    if (!right) faults.push({ path, expected, received });
  };
  for (const [path, value] of given) {
    if (/^(email|newEmail)$/.test(path))
      check(path, isAddress(value), 'must be an e-mail address', value);
    else if (path === 'birthday')
      check(
        path,
        value instanceof Date || isDate(value),
        'must be a date such as 1990-12-31',
        value,
      );
    else if (TEXTS.includes(path)) check(path, isText(value), 'must be a text', value);
    else if (/tags$/i.test(path) && known.includes(path))
      check(
        path,
        isText(value) || (Array.isArray(value) && value.every(isText)),
        'must be a list of texts',
        value,
      );
    else if (path === 'customFields' && (typeof value !== 'object' || Array.isArray(value)))
      check(path, false, 'must be an object of names and texts', value);
  }
  for (const [field, value] of Object.entries(asObject(asObject(payload).customFields)))
    check(`customFields.${field}`, value === null || isText(value), 'must be a text', value);
  const strays = given
    .filter(([path]) => !known.includes(path))
    .map(([path]): Fault => {
      const stem = bare(path);
      const meant = stem.length > 2 && known.find((one) => bare(one).includes(stem));
      const expected = `is no property of ${name}${meant ? `: ${meant} is` : ''}`;
      return { path, expected, mild: true, isTypo: !!meant };
    });
  const { addTags, removeTags } = asObject(payload);
  if (name === 'track' && !faults.length && ![addTags, removeTags].flatMap(readTags)[0]) {
    const meant = strays.find(({ isTypo, path }) => isTypo && /tag/i.test(path));
    faults.push(
      meant
        ? { ...meant, mild: false }
        : { path: 'addTags', expected: 'must hold at least one tag', received: addTags },
    );
  }
  return [...faults, ...strays];
}

/** `addTags must hold at least one tag, got undefined`. */
export const sayFault = ({ path, expected, ...rest }: Fault): string =>
  `${path} ${expected}${'received' in rest ? `, got ${describeValue(rest.received)}` : ''}`;

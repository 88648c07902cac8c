import { isObject, unwrapArray } from './json.ts';

/** A page's own argument, not yet parsed. */
export type Payload = Readonly<Record<string, unknown>>;

const TRAITS = ['firstName', 'lastName', 'company', 'birthday', 'newEmail'] as const;

/** An identify's payload as the traits of a message candidate; see {@link asText}. */
export function traitsOf(payload: Payload): Record<string, unknown> {
  const traits: Record<string, unknown> = {};
  for (const name of TRAITS) {
    const value = asText(payload[name]);
    if (!isBlank(value)) traits[name] = value;
  }
  // A Date became its ISO form when the stub's copy was made.
  if (typeof traits.birthday === 'string') traits.birthday = traits.birthday.replace(/T.*$/, '');
  const { customFields } = payload;
  if (isObject(customFields)) traits.customFields = fieldsOf(customFields);
  else if (!isBlank(customFields)) traits.customFields = customFields;
  return { ...traits, ...listsOf(payload, ['tags']) };
}

/** Commas that NFKC makes the comma: that of East Asia, and its vertical and small forms. */
const COMMA = /[,\uff0c\ufe10\ufe50]/;

/**
 * The lists of tags among `names` that are there. A comma ends a tag in a list as in a text: no
 * tag can have one, as ALLOWED_TAGS could not list it.
 */
export function listsOf(payload: Payload, names: readonly string[]): Record<string, unknown> {
  const lists: Record<string, unknown> = {};
  for (const name of names) {
    const value = unwrapArray(payload[name]);
    const list = typeof value === 'string' ? [value] : value;
    if (isBlank(list)) continue;
    lists[name] = Array.isArray(list)
      ? [...new Set(list.flatMap(splitTags).filter((entry) => !isBlank(entry)))]
      : list;
  }
  return lists;
}

/**
 * What the library makes of a value: numbers and booleans become strings, strings are trimmed.
 * Everything else stays as it is, for the message's own validation to refuse.
 */
export function asText(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value.trim() : value;
}

/** `null` and blank values count as absent. */
export function isBlank(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

function splitTags(entry: unknown): readonly unknown[] {
  return typeof entry === 'string' ? entry.split(COMMA).map(asText) : [asText(entry)];
}

function fieldsOf(fields: Payload): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name.trim(), asText(value)]));
}

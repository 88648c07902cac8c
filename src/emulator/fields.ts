import { fail, type Parsed } from './failure.ts';
import { type Increment, increase, isDecimal, parseIncrement } from './increment.ts';
import type { Rules } from './rules.ts';

/** The types of custom field that matter to a merge. */
export type FieldType = 'string' | 'number';

/** A contact's values and the team's fields. */
export interface Fields {
  readonly values: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, FieldType>;
}

function readIncrement(value: string, rules: Rules): Increment | undefined {
  const increment = parseIncrement(value);
  const decimal = increment?.amount.includes('.') && rules.incrementDecimals === 'literal';
  return decimal ? undefined : increment;
}

function nextValue(
  type: FieldType,
  stored: string | undefined,
  sent: string,
  increment: Increment | undefined,
  rules: Rules,
): string | undefined {
  if (!increment) {
    const refused = type === 'number' && !isDecimal(sent) && rules.textInNumberField === 'reject';
    return refused && sent !== '' ? undefined : sent;
  }
  if (type === 'number' && (stored === undefined || stored === '')) {
    const sign = rules.decrementAbsent === 'negative' ? increment.sign : 1;
    return increase('0', { ...increment, sign });
  }
  if (type === 'number' && stored !== undefined && isDecimal(stored)) {
    return increase(stored, increment);
  }
  return rules.incrementOnText === 'reject' ? undefined : sent;
}

/**
 * Merges custom fields: what is named is overwritten or added to, the rest stays.
 *
 * @param fields - The contact's values and the team's fields before the call.
 * @param sent - Values by field name.
 * @param rules - The rules in force.
 */
export function mergeFields(
  fields: Fields,
  sent: ReadonlyMap<string, string>,
  rules: Rules,
): Parsed<Fields> {
  const values = new Map(fields.values);
  const types = new Map(fields.types);
  const spellings = new Map(
    rules.nameCase === 'insensitive'
      ? [...types.keys()].map((name) => [name.toLowerCase(), name])
      : [],
  );

  for (const [written, value] of sent) {
    const name = spellings.get(written.toLowerCase()) ?? written;
    const increment = readIncrement(value, rules);
    const created = increment && rules.incrementCreates === 'number' ? 'number' : 'string';
    const known = types.get(name);
    const type = known ?? created;
    // The documents say it of any new field: the number itself is stored, without its sign.
    const stored =
      !known && increment
        ? nextValue('number', undefined, value, increment, rules)
        : nextValue(type, values.get(name), value, increment, rules);
    if (stored === undefined) return fail('bad_body', `customFields.${name}: not a number`);
    types.set(name, type);
    values.set(name, stored);
    if (rules.nameCase === 'insensitive') spellings.set(name.toLowerCase(), name);
  }
  return { ok: true, value: { values, types } };
}

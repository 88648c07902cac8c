import { maskEmail, maskText } from './mask.ts';

/** A page's argument, whatever it is, as an object. */
export const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  value && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {};

/** Tags in a list or in a text with commas. */
export const readTags = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : `${value ?? ''}`.split(','))
    .map((tag) => `${tag ?? ''}`.trim())
    .filter(Boolean);

/**
 * What a call says, in one line: tags and the names of fields as they are, everything personal
 * masked.
 */
export function summarize(payload: unknown): string {
  const { email, newEmail, addTags, removeTags, tags, customFields, ...rest } = asObject(payload);
  const parts = [
    email && maskEmail(`${email}`),
    newEmail && `newEmail ${maskEmail(`${newEmail}`)}`,
  ];
  for (const name of ['firstName', 'lastName', 'company', 'birthday'])
    if (rest[name]) parts.push(`${name} ${maskText(`${rest[name]}`)}`);
  for (const [name, value] of Object.entries(asObject(customFields)))
    parts.push(`${name} ${maskText(`${value ?? ''}`)}`);
  const lists = { tags, '+': addTags, '−': removeTags };
  for (const [sign, list] of Object.entries(lists))
    if (readTags(list).length) parts.push(`${sign} ${readTags(list).join(', ')}`);
  if (rest.signature) parts.push('signed');
  return parts.filter(Boolean).join(' · ');
}

import { isObject } from './json.ts';
import { listsOf, type Payload, traitsOf } from './stubPayload.ts';

/**
 * A message as the page meant it: numbers and booleans become strings, a string of tags a list,
 * blank values are left out. The script sends values as they are, since a page pays for each byte
 * of code and the proxy does not. What has no place in a message stays, for validation to refuse.
 */
export function tidy(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { traits } = value;
  if (value.type !== 'identify') return replace(value, listsOf(value, ['addTags', 'removeTags']));
  return isObject(traits) ? { ...value, traits: replace(traits, traitsOf(traits)) } : value;
}

const READ =
  /^(firstName|lastName|company|birthday|newEmail|customFields|tags|addTags|removeTags)$/;

function replace(value: Payload, read: Payload): Payload {
  const rest = Object.entries(value).filter(([key]) => !READ.test(key));
  return { ...Object.fromEntries(rest), ...read };
}

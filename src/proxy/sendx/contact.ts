import type { SendxContact } from './models.ts';

const STRINGS = [
  'encryptedTeamId',
  'encryptedId',
  'email',
  'firstName',
  'lastName',
  'company',
  'birthday',
  'id',
  'created',
  'updated',
  'lastTrackedIp',
] as const;
const LISTS = ['tags', 'lists'] as const;
const NUMBERS = ['LTV', 'contactSource'] as const;
const BOOLEANS = ['unsubscribed', 'bounced', 'spam', 'blocked', 'dropped'] as const;

/**
 * Reads the `data` of an answer. Properties that are unknown or of another type than documented are
 * left out rather than failing a call that SendX has applied.
 *
 * @returns `undefined` if it is no object.
 */
export function parseContact(data: unknown): SendxContact | undefined {
  if (!isRecord(data)) return undefined;
  const pick = <K extends string, T>(keys: readonly K[], is: (value: unknown) => value is T) =>
    Object.fromEntries(keys.flatMap((key) => (is(data[key]) ? [[key, data[key]]] : []))) as {
      [P in K]?: T;
    };
  return {
    ...pick(STRINGS, (value) => typeof value === 'string'),
    ...pick(LISTS, isStrings),
    ...pick(NUMBERS, (value) => typeof value === 'number'),
    ...pick(BOOLEANS, (value) => typeof value === 'boolean'),
    ...pick(['customFields'], isStringMap),
  };
}

/** Tells a JSON object from the other JSON values. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isStringMap = (value: unknown): value is Record<string, string> =>
  isRecord(value) && isStrings(Object.values(value));

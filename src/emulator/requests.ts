import type { Parsed } from './failure.ts';
import {
  asRecord,
  isBlank,
  parsed,
  type Report,
  readBirthday,
  readEmail,
  readFields,
  readNames,
  readProperty,
  readSelector,
} from './readers.ts';
import type { Rules } from './rules.ts';

/** An identify call, parsed: absent means "leave as it is". */
export interface IdentifyRequest {
  readonly email: string;
  readonly newEmail?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly company?: string;
  readonly birthday?: string;
  readonly tags: readonly string[];
  readonly lists: readonly string[];
  /** Values by field name; `"++5"` and `"--5"` not yet applied. */
  readonly customFields: ReadonlyMap<string, string>;
}

/** A track call, parsed. */
export interface TrackRequest {
  readonly email: string;
  readonly addTags: readonly string[];
  readonly removeTags: readonly string[];
}

const IDENTIFY = ['email', 'newEmail', 'firstName', 'lastName', 'company', 'birthday'];
const PROPERTIES = {
  identify: new Set([...IDENTIFY, 'tags', 'lists', 'customFields']),
  track: new Set(['email', 'addTags', 'removeTags']),
};

function checkProperties(
  method: keyof typeof PROPERTIES,
  body: Readonly<Record<string, unknown>>,
  rules: Rules,
  report: Report,
): void {
  if (rules.unknownProperty === 'ignore') return;
  const unknown = Object.keys(body).find((key) => !PROPERTIES[method].has(key));
  if (unknown !== undefined) report('bad_body', `${unknown}: not a property of ${method}`);
}

/** Only what is present: `exactOptionalPropertyTypes` wants no `undefined` in its place. */
function present<Shape extends object>(shape: Shape) {
  const entries = Object.entries(shape).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Shape]?: NonNullable<Shape[Key]> };
}

/**
 * Parses the body of an identify call.
 *
 * @param body - Parsed JSON of any shape.
 * @param rules - The rules in force.
 */
export function parseIdentify(body: unknown, rules: Rules): Parsed<IdentifyRequest> {
  return parsed((report) => {
    const record = asRecord(body, 'body', report);
    if (!record) return undefined;
    const email = readSelector(record.email, rules, report);
    checkProperties('identify', record, rules, report);
    const rest = present({
      newEmail: isBlank(record.newEmail)
        ? undefined
        : readEmail(record.newEmail, 'newEmail', rules, report),
      firstName: readProperty(record.firstName, 'firstName', rules, report),
      lastName: readProperty(record.lastName, 'lastName', rules, report),
      company: readProperty(record.company, 'company', rules, report),
      birthday: readBirthday(record.birthday, rules, report),
    });
    const tags = readNames(record.tags, 'tags', rules, report);
    const lists = readNames(record.lists, 'lists', rules, report);
    const customFields = readFields(record.customFields, rules, report);
    return email === undefined ? undefined : { email, ...rest, tags, lists, customFields };
  });
}

/**
 * Parses a track call.
 *
 * @param email - The selector, from wherever the surface has it.
 * @param body - Parsed JSON of any shape.
 * @param rules - The rules in force.
 */
export function parseTrack(email: unknown, body: unknown, rules: Rules): Parsed<TrackRequest> {
  return parsed((report) => {
    const record = asRecord(body, 'body', report);
    if (!record) return undefined;
    const selector = readSelector(email, rules, report);
    checkProperties('track', record, rules, report);
    const addTags = readNames(record.addTags, 'addTags', rules, report);
    const removeTags = readNames(record.removeTags, 'removeTags', rules, report);
    if (rules.emptyTrack === 'reject' && addTags.length + removeTags.length === 0) {
      return report('bad_body', 'expected addTags or removeTags');
    }
    return selector === undefined ? undefined : { email: selector, addTags, removeTags };
  });
}

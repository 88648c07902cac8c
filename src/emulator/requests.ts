import { type FailureCode, fail, type Parsed } from './failure.ts';
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

// Characters, from the maxLength of SendX's contact resource.
const MAX_LENGTH = 255;

// No quoted local parts: real forms never send them, and SendX's own pages do not mention them.
const EMAIL = /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\].]+(?:\.[^\s@"(),:;<>[\\\].]+)+$/;

const IDENTIFY = ['email', 'newEmail', 'firstName', 'lastName', 'company', 'birthday'];
const PROPERTIES = {
  identify: new Set([...IDENTIFY, 'tags', 'lists', 'customFields']),
  track: new Set(['email', 'addTags', 'removeTags']),
};

type Report = (code: FailureCode, detail: string) => undefined;

/** Runs readers that report what is wrong; the first report is the failure. */
function parsed<Value>(read: (report: Report) => Value | undefined): Parsed<Value> {
  const reports: [code: FailureCode, detail: string][] = [];
  const value = read((...report) => void reports.push(report));
  const [first] = reports;
  if (first) return fail(...first);
  if (value === undefined) return fail('bad_body', 'expected a contact');
  return { ok: true, value };
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;

function asRecord(value: unknown, name: string, report: Report) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  return report('bad_body', `${name}: expected an object, got ${kindOf(value)}`);
}

function asText(value: unknown, name: string, rules: Rules, report: Report): string | undefined {
  if (typeof value === 'string') return value;
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  if (scalar && rules.nonStringValue === 'stringify') return String(value);
  return report('bad_body', `${name}: expected a string, got ${kindOf(value)}`);
}

function readProperty(value: unknown, name: string, rules: Rules, report: Report) {
  if (value === undefined) return undefined;
  const text = asText(value ?? '', name, rules, report);
  if (text === undefined || (text === '' && rules.blankValue === 'keep')) return undefined;
  if (text.length <= MAX_LENGTH || rules.longValue === 'store') return text;
  return report('bad_body', `${name}: expected at most ${MAX_LENGTH} characters`);
}

function readNames(value: unknown, name: string, rules: Rules, report: Report): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    report('bad_body', `${name}: expected an array, got ${kindOf(value)}`);
    return [];
  }
  const names = value.flatMap((item, at) => asText(item, `${name}[${at}]`, rules, report) ?? []);
  return names.flatMap((item) => readName(item, name, rules, report) ?? []);
}

function readName(value: string, place: string, rules: Rules, report: Report) {
  const name = value.trim();
  if (name !== '') return name;
  return rules.blankName === 'ignore' ? undefined : report('bad_body', `${place}: blank name`);
}

function readFields(value: unknown, rules: Rules, report: Report): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (value === undefined || value === null) return fields;
  for (const [key, raw] of Object.entries(asRecord(value, 'customFields', report) ?? {})) {
    const name = readName(key, 'customFields', rules, report);
    const text = asText(raw ?? '', `customFields.${key}`, rules, report);
    if (name === undefined || text === undefined) continue;
    if (text !== '' || rules.blankValue === 'clear') fields.set(name, text);
  }
  return fields;
}

function readEmail(value: unknown, name: string, rules: Rules, report: Report) {
  if (typeof value !== 'string') {
    return report('email_invalid', `${name}: expected a string, got ${kindOf(value)}`);
  }
  const email = value.trim();
  const tooLong = email.length > MAX_LENGTH && rules.longValue === 'reject';
  if (EMAIL.test(email) && !tooLong) return email;
  return report('email_invalid', `${name}: expected an e-mail address`);
}

const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

function readSelector(value: unknown, rules: Rules, report: Report): string | undefined {
  return isBlank(value)
    ? report('email_missing', 'email: expected an e-mail address, got none')
    : readEmail(value, 'email', rules, report);
}

function isCalendarDate(value: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? [];
  if (!year || !month || !day) return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

function readBirthday(value: unknown, rules: Rules, report: Report): string | undefined {
  const text = readProperty(value, 'birthday', rules, report);
  if (!text || isCalendarDate(text) || rules.badBirthday === 'store') return text;
  if (rules.badBirthday === 'ignore') return undefined;
  return report('bad_body', 'birthday: expected a calendar date as YYYY-MM-DD');
}

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

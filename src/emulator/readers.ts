import { type FailureCode, fail, type Parsed } from './failure.ts';
import type { Rules } from './rules.ts';

// Characters, from the maxLength of SendX's contact resource.
const MAX_LENGTH = 255;

// No quoted local parts: real forms never send them, and SendX's own pages do not mention them.
const EMAIL = /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\].]+(?:\.[^\s@"(),:;<>[\\\].]+)+$/;

/** Notes what is wrong with an input; the first note decides the answer. */
export type Report = (code: FailureCode, detail: string) => undefined;

/** Runs readers that report what is wrong; the first report is the failure. */
export function parsed<Value>(read: (report: Report) => Value | undefined): Parsed<Value> {
  const reports: [code: FailureCode, detail: string][] = [];
  const value = read((...report) => void reports.push(report));
  const [first] = reports;
  if (first) return fail(...first);
  if (value === undefined) return fail('bad_body', 'expected a contact');
  return { ok: true, value };
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;

/** Reads an object. */
export function asRecord(value: unknown, name: string, report: Report) {
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

/** Reads a text property; `undefined` leaves it as it is. */
export function readProperty(value: unknown, name: string, rules: Rules, report: Report) {
  if (value === undefined) return undefined;
  const text = asText(value ?? '', name, rules, report);
  if (text === undefined || (text === '' && rules.blankValue === 'keep')) return undefined;
  if (text.length <= MAX_LENGTH || rules.longValue === 'store') return text;
  return report('bad_body', `${name}: expected at most ${MAX_LENGTH} characters`);
}

/** Reads names of tags or lists. */
export function readNames(
  value: unknown,
  name: string,
  rules: Rules,
  report: Report,
): readonly string[] {
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

/** Reads custom fields, by name. */
export function readFields(
  value: unknown,
  rules: Rules,
  report: Report,
): ReadonlyMap<string, string> {
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

/** Reads an address. */
export function readEmail(value: unknown, name: string, rules: Rules, report: Report) {
  if (typeof value !== 'string') {
    return report('email_invalid', `${name}: expected a string, got ${kindOf(value)}`);
  }
  const email = value.trim();
  const tooLong = email.length > MAX_LENGTH && rules.longValue === 'reject';
  if (EMAIL.test(email) && !tooLong) return email;
  return report('email_invalid', `${name}: expected an e-mail address`);
}

/** Whether nothing is given. */
export const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** Reads the address that names the contact, which must be there. */
export function readSelector(value: unknown, rules: Rules, report: Report): string | undefined {
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

/** Reads a calendar date. */
export function readBirthday(value: unknown, rules: Rules, report: Report): string | undefined {
  const text = readProperty(value, 'birthday', rules, report);
  if (!text || isCalendarDate(text) || rules.badBirthday === 'store') return text;
  if (rules.badBirthday === 'ignore') return undefined;
  return report('bad_body', 'birthday: expected a calendar date as YYYY-MM-DD');
}

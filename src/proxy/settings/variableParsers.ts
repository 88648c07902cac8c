import { parseOrigin } from '../http/origin.ts';
import { LOG_LEVELS, type LogLevel } from '../log/logLevel.ts';
import { patternFault } from '../policy/allowList.ts';
import type { OutboxSetting, Parsed, Settings } from '../settings.ts';
import { createSecret, type Secret } from './secret.ts';

/** Shorter keys for HMAC can be guessed from one signature. */
const MIN_SECRET_LENGTH = 16;

/** Text as it is, or unset. */
export const parseOptional = (value: string | undefined): Parsed<string | undefined> => ({ value });

/** Text as it is, of a variable that has a default. */
export const parseText = (value: string | undefined): Parsed<string> => ({ value: value ?? '' });

/** Patterns of custom fields; `none` is none. */
export const parseFields = (value: string | undefined): Parsed<readonly string[]> =>
  value === 'none' ? { value: [] } : parsePatterns(value);

function parseList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** It travels as a header's value. */
export function parseApiKey(value: string | undefined): Parsed<Secret> {
  return /^[\x21-\x7e]+$/.test(value ?? '')
    ? { value: createSecret(value ?? '') }
    : { fault: 'must be printable ASCII without spaces' };
}

/** See {@link parseOrigin}; at least one. */
export function parseOrigins(value: string | undefined): Parsed<readonly string[]> {
  const parsed = parseList(value).map(parseOrigin);
  const faults = parsed.flatMap((entry) => ('fault' in entry ? [entry.fault] : []));
  if (faults.length > 0) return { fault: `is wrong: ${faults.join('; ')}` };
  if (parsed.length === 0) return { fault: 'names no origin' };
  return { value: parsed.flatMap((entry) => ('origin' in entry ? [entry.origin] : [])) };
}

/** Patterns of an `AllowList`; unset is none. */
export function parsePatterns(value: string | undefined): Parsed<readonly string[]> {
  const patterns = parseList(value);
  const faults = patterns.flatMap((pattern) => patternFault(pattern) ?? []);
  if (faults.length > 0) return { fault: `is wrong: ${faults.join('; ')}` };
  if (value !== undefined && patterns.length === 0) return { fault: 'names nothing' };
  return { value: patterns };
}

/** Secrets to sign with; unset is none. */
export function parseSecrets(value: string | undefined): Parsed<Settings['identitySecrets']> {
  const secrets = parseList(value);
  const short = secrets.findIndex((secret) => secret.length < MIN_SECRET_LENGTH);
  if (short !== -1) {
    return { fault: `has fewer than ${MIN_SECRET_LENGTH} characters in entry ${short + 1}` };
  }
  return { value: secrets.map(createSecret) };
}

/** `true`, `1`, `false` or `0`. */
export function parseBoolean(value: string | undefined): Parsed<boolean> {
  const known = new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]);
  const parsed = known.get((value ?? '').toLowerCase());
  return parsed === undefined
    ? { fault: `must be true or false, not "${value}"` }
    : { value: parsed };
}

/** Makes the parser of a whole number. */
export function integer(min: number, max: number): (value: string | undefined) => Parsed<number> {
  return (value) => {
    const parsed = Number(value);
    return /^\d{1,9}$/.test(value ?? '') && parsed >= min && parsed <= max
      ? { value: parsed }
      : { fault: `must be a whole number from ${min} to ${max}, not "${value}"` };
  };
}

/** {@link integer}, or unset. */
export function optionalInteger(
  min: number,
  max: number,
): (value: string | undefined) => Parsed<number | undefined> {
  return (value) => (value === undefined ? { value } : integer(min, max)(value));
}

/** Plain http only where nobody is on the way: this machine, or a name without a dot (a container). */
export function parseUrl(value: string | undefined): Parsed<string | undefined> {
  if (value === undefined) return { value };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.search !== '' || url.hash !== '' || url.username !== '') {
    return { fault: 'must be a URL without credentials, query and fragment' };
  }
  const near = /^(?:\[::1\]|127(?:\.\d+){3}|[^.]+|.+\.localhost)$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && near)
    ? { value }
    : { fault: 'must begin with https:// (http:// only on this machine or a local container)' };
}

/** The forms of `OUTBOX`. */
export function parseOutbox(value: string | undefined): Parsed<OutboxSetting> {
  if (value === 'direct') return { value: { kind: 'direct' } };
  const path = /^sqlite:(.+)$/.exec(value ?? '')?.[1];
  if (path !== undefined) return { value: { kind: 'sqlite', path } };
  return /^postgres(?:ql)?:\/\/./.test(value ?? '')
    ? { value: { kind: 'postgres', url: createSecret(value ?? '') } }
    : { fault: 'must be sqlite:<path>, postgres://… or direct' };
}

/** One of the log's levels. */
export function parseLogLevel(value: string | undefined): Parsed<LogLevel> {
  const level = LOG_LEVELS.find((known) => known === value);
  return level ? { value: level } : { fault: `must be one of ${LOG_LEVELS.join(', ')}` };
}

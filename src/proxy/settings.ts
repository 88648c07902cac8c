import type { LogLevel } from './log/logLevel.ts';
import type { Secret } from './settings/secret.ts';
import { variables } from './settings/variables.ts';

/** Which outbox to open. */
export type OutboxSetting =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: Secret }
  | { readonly kind: 'direct' };

/** All that an operator may set; each is described in {@link variables}. */
export interface Settings {
  readonly apiKey: Secret;
  readonly teamId: string | undefined;
  readonly apiUrl: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly publicUrl: string | undefined;
  readonly allowedTags: readonly string[];
  readonly protectedTags: readonly string[];
  readonly allowedFields: readonly string[];
  readonly identitySecrets: readonly Secret[];
  readonly requireSignature: boolean;
  readonly unsignedRename: boolean;
  readonly unsignedIncrements: boolean;
  readonly outbox: OutboxSetting;
  readonly host: string;
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly trustedHops: number;
  /** Requests per address block and minute; 0 is no limit. */
  readonly rateIp: number;
  /** Messages per contact and minute; 0 is no limit. */
  readonly rateContact: number;
  readonly maxConcurrency: number | undefined;
  readonly ratePerSecond: number | undefined;
  /** Seconds that a shutdown waits for what is in flight. */
  readonly shutdownSeconds: number;
  readonly logLevel: LogLevel;
}

/** A value, or its fault as the end of a sentence that begins with the variable's name. */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** One environment variable: the single source of its parsing and of its documentation. */
export interface Variable<T> {
  readonly name: string;
  /** A sentence for the operator. */
  readonly meaning: string;
  /** As it would be written; absent means unset, or required where `required` says so. */
  readonly default?: string;
  readonly example: string;
  readonly required?: true;
  /** May also be given as the path of a file in `<name>_FILE`; never shown. */
  readonly secret?: true;
  /** Gets `undefined` when unset and without default. */
  parse(text: string | undefined): Parsed<T>;
}

/** Settings, or one sentence for every variable that is missing or wrong. */
export type ParsedSettings =
  | { readonly settings: Settings }
  | { readonly problems: readonly string[] };

/**
 * Reads the environment. All problems are found at once.
 *
 * @param env - variables by name; an empty one counts as unset.
 * @param readFile - reads the file that a `*_FILE` variable names.
 */
export function parseSettings(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): ParsedSettings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries<Variable<unknown>>(variables)) {
    const parsed = parseVariable(variable, env, readFile);
    if ('value' in parsed) values[key] = parsed.value;
    else problems.push(`${variable.name} ${parsed.fault}.`);
  }
  if (problems.length > 0) return { problems };
  // The table has an entry for every key of Settings, each parsed to that key's type.
  const settings = values as unknown as Settings;
  const conflicts = findConflicts(settings);
  return conflicts.length > 0 ? { problems: conflicts } : { settings };
}

/** Reads one variable alone; see {@link parseSettings}. */
export function parseVariable<T>(
  variable: Variable<T>,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Parsed<T> {
  const text = readText(variable, env, readFile);
  if ('fault' in text) return text;
  return missing(variable, text.value) ?? variable.parse(text.value);
}

function readText(
  { name, secret, default: fallback }: Variable<unknown>,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Parsed<string | undefined> {
  const own = env[name] || undefined;
  const path = secret ? env[`${name}_FILE`] || undefined : undefined;
  if (own !== undefined && path !== undefined) {
    return { fault: `and ${name}_FILE are both set; keep one of them` };
  }
  if (path === undefined) return { value: own ?? fallback };
  try {
    return { value: readFile(path).trim() || undefined };
  } catch {
    return { fault: `cannot be read from the file that ${name}_FILE names` };
  }
}

function missing(variable: Variable<unknown>, text: string | undefined): Parsed<never> | undefined {
  if (!variable.required || text !== undefined) return undefined;
  const file = variable.secret ? ` (or ${variable.name}_FILE)` : '';
  return { fault: `is missing${file}: ${variable.meaning} Example: ${variable.example}` };
}

function findConflicts(settings: Settings): string[] {
  const conflicts: string[] = [];
  if (settings.requireSignature && settings.identitySecrets.length === 0) {
    conflicts.push('REQUIRE_SIGNATURE is on, but IDENTITY_SECRETS is empty: no call could pass.');
  }
  if (settings.port !== 0 && settings.port === settings.adminPort) {
    conflicts.push(`PORT and ADMIN_PORT are both ${settings.port}; they must differ.`);
  }
  return conflicts;
}

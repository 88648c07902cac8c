import pino from 'pino';
import { pickFields } from './log/logFields.ts';
import type { LogLevel } from './log/logLevel.ts';

/** Everything a log line may hold; whatever else is passed is left out. */
export interface LogFields {
  /** A message's id. */
  readonly id?: string;
  /** Keyed hash of a contact. */
  readonly lane?: string;
  readonly type?: string;
  /** A refusal, drop or error code of our own, or a system error's `code`. */
  readonly code?: string;
  /** A class of error, such as `TypeError`; never its message, which may quote values. */
  readonly error?: string;
  readonly status?: number;
  readonly route?: string;
  /** A client's address, truncated. */
  readonly address?: string;
  readonly count?: number;
  readonly ms?: number;
  readonly attempt?: number;
  readonly state?: string;
  readonly port?: number;
  /** Where this machine reaches the public port. */
  readonly url?: string;
  readonly adminUrl?: string;
  readonly outbox?: string;
  readonly version?: string;
  /** What the policy leaves open to unsigned visitors. */
  readonly open?: string;
}

/** One line per call: what happened, in words that never change, and allow-listed fields. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Where lines go; standard output unless told otherwise. */
export interface LogSink {
  write(line: string): void;
}

/**
 * A {@link Log} that writes JSON lines.
 *
 * pino's own `redact` goes by paths and misses free text, so fields are picked and not censored.
 */
export function createLog(level: LogLevel, sink?: LogSink): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = sink ? pino(options, sink) : pino(options);
  const write = (name: Exclude<LogLevel, 'silent'>) => (event: string, fields?: LogFields) => {
    if (logger.isLevelEnabled(name)) logger[name](pickFields(fields), event);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

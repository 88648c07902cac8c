import { pickFields } from '../log/logFields.ts';
import { LOG_LEVELS, type LogLevel } from '../log/logLevel.ts';
import type { Log, LogFields } from '../log.ts';

/**
 * A {@link Log} for where there is only a console: JSON lines, in the levels that Workers Logs knows.
 */
export function createConsoleLog(level: LogLevel, sink: Pick<Console, LogMethod> = console): Log {
  const least = LOG_LEVELS.indexOf(level);
  const write = (name: LogMethod) => (event: string, fields?: LogFields) => {
    if (LOG_LEVELS.indexOf(name) < least) return;
    sink[name](JSON.stringify({ level: name, msg: event, ...pickFields(fields) }));
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

type LogMethod = Exclude<LogLevel, 'silent'>;

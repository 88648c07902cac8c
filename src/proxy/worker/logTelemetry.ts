import type { Log } from '../log.ts';
import type { Telemetry } from '../telemetry.ts';

/** A {@link Telemetry} for where nobody scrapes metrics: what is lost, refused or cut is logged. */
export function createLogTelemetry(log: Log): Telemetry {
  return {
    request: () => undefined,
    appended: () => undefined,
    result(status, code) {
      if (code !== undefined) log.info('A message was refused', { code });
      else if (status === 'later') log.info('A message was put off');
    },
    lost(lost) {
      for (const code of ['expired', 'evicted'] as const) {
        const count = lost[code];
        if (count > 0) log.warn('A browser gave up messages', { code, count });
      }
    },
    aborted: () => log.debug('A body did not arrive in full'),
  };
}

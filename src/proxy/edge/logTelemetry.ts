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
    lost({ expired, evicted }) {
      log.warn('A browser gave up messages', { code: 'expired', count: expired });
      log.warn('A browser gave up messages', { code: 'evicted', count: evicted });
    },
    aborted: () => log.debug('A body did not arrive in full'),
  };
}

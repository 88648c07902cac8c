import { readBuiltAssets } from './builtAssets.ts';
import type { Log } from './log.ts';
import { InvalidSettings, openProxy } from './openProxy.ts';
import type { RunningProxy } from './serve.ts';

export type { Log, RunningProxy };
export { InvalidSettings };

/** What a program may bring along. */
export interface StartOptions {
  /** @defaultValue JSON lines on standard output, from `LOG_LEVEL` on */
  readonly log?: Log;
}

/**
 * Starts a whole proxy in this process: both ports, the store and the delivery to SendX. It ends
 * with `close()`, and takes no signal by itself.
 *
 * @param env - the variables that `sendx-proxy --help` lists. @defaultValue `process.env`
 * @throws {InvalidSettings} when variables are missing or wrong.
 * @throws {Error} when a port or the store cannot be had; nothing runs then.
 */
export async function startProxy(
  env: Readonly<Record<string, string | undefined>> = process.env,
  { log }: StartOptions = {},
): Promise<RunningProxy> {
  return openProxy({ env, log, readAssets: readBuiltAssets });
}

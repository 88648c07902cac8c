import { readFileSync } from 'node:fs';
import { readBuiltAssets } from './builtAssets.ts';
import type { Assets } from './http/assets.ts';
import { createLog, type Log } from './log.ts';
import { openOutbox } from './openOutbox.ts';
import { openRates } from './policy/openRates.ts';
import { type RunningProxy, serve } from './serve.ts';
import { parseSettings } from './settings.ts';

export type { Log, RunningProxy };

/** What a program may bring along. */
export interface StartOptions {
  /** @defaultValue JSON lines on standard output, from `LOG_LEVEL` on */
  readonly log?: Log;
  /** What browsers load. @defaultValue what came with the package */
  readonly assets?: Assets;
}

/** The settings cannot work; `problems` has a sentence for each variable. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
  readonly problems: readonly string[];

  /** @param problems - at least one. */
  constructor(problems: readonly string[]) {
    super(['sendx-proxy cannot start:', ...problems].join('\n  '));
    this.problems = problems;
  }
}

const readText = (path: string): string => readFileSync(path, 'utf8');

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
  options: StartOptions = {},
): Promise<RunningProxy> {
  const parsed = parseSettings(env, readText);
  if ('problems' in parsed) throw new InvalidSettings(parsed.problems);
  const { settings } = parsed;
  const { log = createLog(settings.logLevel), assets = readBuiltAssets() } = options;
  const outbox = await openOutbox(settings.outbox);
  try {
    const rates = await openRates(settings);
    try {
      return await serve({ settings, outbox, rates, assets, log });
    } catch (error) {
      await rates.close();
      throw new Error(explainListen(error), { cause: error });
    }
  } catch (error) {
    await outbox.close(0);
    throw error;
  }
}

function explainListen(error: unknown): string {
  const { code, port, address } = error as NodeJS.ErrnoException & {
    readonly port?: number;
    readonly address?: string;
  };
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${address} is taken; stop what listens there or set another PORT or ADMIN_PORT.`;
  }
  if (code === 'EACCES') return `port ${port} needs more rights than this process has.`;
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine.`;
  return error instanceof Error ? error.message : String(error);
}

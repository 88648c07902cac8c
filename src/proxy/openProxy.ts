import { readFileSync } from 'node:fs';
import type { Assets } from './http/assets.ts';
import { createLog, type Log } from './log.ts';
import { openOutbox } from './openOutbox.ts';
import { openRates } from './policy/openRates.ts';
import { type RunningProxy, serve } from './serve.ts';
import { parseSettings } from './settings.ts';

/** What a proxy is opened with. */
export interface OpenProxyParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readAssets: () => Assets;
  /** @defaultValue JSON lines on standard output, from `LOG_LEVEL` on */
  readonly log?: Log | undefined;
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
 * Opens what the settings name, and serves.
 *
 * @throws {InvalidSettings} when variables are missing or wrong.
 * @throws {Error} when a port or the store cannot be had, or the build is incomplete; nothing runs
 * then.
 */
export async function openProxy({
  env,
  readAssets,
  log: own,
}: OpenProxyParts): Promise<RunningProxy> {
  const parsed = parseSettings(env, readText);
  if ('problems' in parsed) throw new InvalidSettings(parsed.problems);
  const { settings } = parsed;
  const log = own ?? createLog(settings.logLevel);
  const assets = readAssets();
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

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;

/** A process of the rig: what it has printed so far, and how to end it. */
export interface Helper {
  readonly pid: number;
  out(): string;
  err(): string;
  end(): Promise<void>;
}

/**
 * Builds and starts one of the programs of the tests; ends with the test.
 *
 * @param entry - Its path below `test`, without `.ts`.
 * @param home - The folder whose packages it finds, besides those of the project.
 */
export async function startHelper(
  entry: string,
  words: readonly string[],
  home = '',
): Promise<Helper> {
  const cache = join(ROOT, home, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'sendx-load-'));
  const outfile = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(ROOT, `test/${entry}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'silent',
  });
  const child = spawn(process.execPath, [outfile, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (bytes) => {
    texts.out += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    texts.err += String(bytes);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  onTestFinished(end);
  return { pid: child.pid ?? 0, out: () => texts.out, err: () => texts.err, end };
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;

/** A process of the rig: what it has printed so far, and how to end it. */
export interface Helper {
  out(): string;
  err(): string;
  end(): Promise<void>;
}

/** Builds and starts one of the programs in this folder; ends with the test. */
export async function startHelper(
  name: 'noise' | 'bare',
  words: readonly string[],
): Promise<Helper> {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/sendx-load-'));
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, `test/proxy/load/${name}.ts`)],
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
  return { out: () => texts.out, err: () => texts.err, end };
}

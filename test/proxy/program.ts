import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = new URL('../..', import.meta.url).pathname;

/** The program built as a release is: `dist/proxy/node.js` below the files for browsers. */
export interface Program {
  /** Starts it with nothing in its environment but `env`. */
  run(words: readonly string[], env?: Record<string, string>): Run;
  remove(): void;
}

/** One run of the program. */
export interface Run {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** The exit code; `null` after a signal that was not caught. */
  readonly ended: Promise<number | null>;
}

/** Builds it into a folder where its packages are found. */
export async function buildProgram(): Promise<Program> {
  mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/sendx-proxy-'));
  const dist = join(folder, 'dist');
  await build({
    entryPoints: [join(ROOT, 'src/proxy/node.ts')],
    outdir: join(dist, 'proxy'),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'silent',
  });
  const files = { 'sendx.js': { integrity: 'sha384-x', etag: '"abc"' } };
  writeFileSync(join(dist, 'manifest.json'), JSON.stringify({ version: '1.2.3', files }));
  writeFileSync(join(dist, 'sendx.js'), '/* sendx.js */');
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));

  return {
    run(words, env = {}) {
      const child = spawn(process.execPath, [join(dist, 'proxy/node.js'), ...words], {
        env,
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const texts = { out: '', err: '' };
      child.stdout.on('data', (bytes) => {
        texts.out += String(bytes);
      });
      child.stderr.on('data', (bytes) => {
        texts.err += String(bytes);
      });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      return { child, out: () => texts.out, err: () => texts.err, ended };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

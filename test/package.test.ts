import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';

import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sourceFiles } from './importGraph.ts';

const run = promisify(execFile);
const ROOT = new URL('..', import.meta.url).pathname;
const readJson = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { name, version, bin, exports } = readJson('package.json') as {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
};

/** Every file that package.json names, relative to the package. */
const named = [
  ...Object.values(bin),
  ...Object.values(exports).flatMap((one) => (typeof one === 'string' ? one : Object.values(one))),
].map((path) => path.replace(/^\.\//, ''));

/** Deployed by its path, since the tools of an edge bundle a file and not an export. */
const WORKER = 'dist/proxy/worker.js';

const HINT = 'run "node build.mjs --types" first';

describe('the package', () => {
  let packed: readonly string[];
  beforeAll(async () => {
    // Without its scripts: "prepare" would build under the feet of other tests.
    const words = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const { stdout } = await run('npm', words, { cwd: ROOT });
    const [contents] = JSON.parse(stdout) as { files: { path: string }[] }[];
    packed = (contents?.files ?? []).map(({ path }) => path).sort();
  });

  it('holds every file that package.json names', () => {
    expect(named.filter((path) => !packed.includes(path))).toEqual([]);
    for (const path of named) expect(existsSync(join(ROOT, path)), `${path}: ${HINT}`).toBe(true);
  });

  it('holds nothing that nobody loads, and no demo', async () => {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: [...named.filter((path) => path.endsWith('.js')), WORKER],
      outdir: 'unwritten',
      write: false,
      metafile: true,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      // What a bundler may leave out is in the package all the same.
      ignoreAnnotations: true,
    });
    const forBrowsers = Object.keys(readJson('dist/manifest.json').files).flatMap((file) =>
      ['', '.br', '.gz'].map((ending) => `dist/${file}${ending}`),
    );
    const used = new Set([
      ...Object.keys(metafile.inputs),
      ...forBrowsers,
      'dist/manifest.json',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    const declarations = (path: string) => path.endsWith('.d.ts');
    expect(packed.filter((path) => !declarations(path))).toEqual([...used].sort());
    const sources = sourceFiles.map((path) => path.replace(/^src(.*)\.ts$/, 'dist$1.d.ts'));
    expect(packed.filter(declarations).filter((path) => !sources.includes(path))).toEqual([]);
  });

  it('can be imported under every name of its exports', async () => {
    const modules = Object.keys(exports).map((key) => name + key.slice(1));
    const script = `for (const one of ${JSON.stringify(modules)}) {
      if (one.endsWith('.js')) import.meta.resolve(one);
      else console.log(one, Object.keys(await import(one)).join(' '));
    }`;
    const words = ['--input-type=module', '-e', script];
    const { stdout } = await run(process.execPath, words, { cwd: ROOT });
    expect(stdout.trim().split('\n')).toEqual([
      `${name} sendx`,
      expect.stringMatching(`${name}/api .*createSendx`),
      expect.stringMatching(`${name}/proxy .*createApp`),
      expect.stringMatching(`${name}/emulator .*createEmulator`),
    ]);
  });

  it('has types for those who import it', async () => {
    // Below the package's own folder, where its name leads to itself and its dependencies are.
    mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
    const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/sendx-consumer-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', name), 'dir');
    const consumer = [
      `import { sendx } from '${name}';`,
      `import { createSendx } from '${name}/api';`,
      `import { createEmulator } from '${name}/emulator';`,
      `import { createApp } from '${name}/proxy';`,
      "sendx('identify', { email: 'jane@example.com' });",
      'const emulator = createEmulator();',
      "const api = createSendx({ apiKey: 'key', fetch: emulator.fetch });",
      "export const done = api.identify({ email: 'jane@example.com', tags: ['newsletter'] });",
      'export const parts = (app: Parameters<typeof createApp>[0]) => app.settings;',
      '// @ts-expect-error: the address is missing',
      "export const wrong = api.identify({ tags: ['newsletter'] });",
      '',
    ];
    writeFileSync(join(folder, 'consumer.ts'), consumer.join('\n'));
    const options = '--ignoreConfig --noEmit --strict --skipLibCheck --types node --target es2022';
    const words = [...options.split(' '), '--module', 'nodenext', 'consumer.ts'];
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    // The compiler fails with what it says on its standard output.
    const { stdout } = await run(tsc, words, { cwd: folder }).catch(
      (error: { readonly stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });
});

/** Runs a built program to its end, or until it is told to. */
function start(program: string, words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(ROOT, program), ...words], {
    env,
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    said.err += bytes;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await code;
  });
  return { said, code, stop: () => child.kill('SIGTERM') };
}

/** Holds a port for the length of a test. */
async function takePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('dist/proxy/node.js', () => {
  const proxy = bin['sendx-proxy'] ?? '';
  const settings = {
    SENDX_API_KEY: 'a-key',
    ALLOWED_ORIGINS: 'https://www.example.com',
    ALLOWED_TAGS: 'newsletter',
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    OUTBOX: 'direct',
  };

  it('tells the version of the package', async () => {
    const { said, code } = start(proxy, ['--version']);
    expect(await code).toBe(0);
    expect(said).toEqual({ out: `${version}\n`, err: '' });
  });

  it('names every variable that is missing, and exits with 2', async () => {
    const { said, code } = start(proxy, []);
    expect(await code).toBe(2);
    expect(said.out).toBe('');
    const [headline, ...problems] = said.err.trimEnd().split('\n');
    expect(headline).toBe('sendx-proxy cannot start:');
    expect(
      problems.map((line) => /^ {2}(\w+) is missing\b.*: .+ Example: \S+$/.exec(line)?.[1]),
    ).toEqual(['SENDX_API_KEY', 'ALLOWED_ORIGINS', 'ALLOWED_TAGS']);
  });

  it('serves the scripts that the build made, and ends when it is told to', async () => {
    const { said, code, stop } = start(proxy, [], settings);
    await vi.waitFor(() => expect(said.out + said.err).toContain('"Listening"'), 10_000);
    const { port } = JSON.parse(said.out.split('\n')[0] ?? '') as { port: number };
    const answer = await fetch(`http://127.0.0.1:${port}/v1/sendx.js`);
    expect(await answer.text()).toBe(readFileSync(join(ROOT, 'dist/sendx.js'), 'utf8'));
    stop();
    expect(await code).toBe(0);
    expect(said.err).toBe('');
  });

  it('says in one sentence that a port is taken, and exits with 1', async () => {
    const port = await takePort();
    const { said, code } = start(proxy, [], { ...settings, PORT: `${port}` });
    expect(await code).toBe(1);
    expect(said.err).toMatch(
      new RegExp(`^sendx-proxy: port ${port} on 127\\.0\\.0\\.1 is taken; .+ PORT .+\\.\\n$`),
    );
  });
});

describe('dist/emulator/node.js', () => {
  const emulator = bin['sendx-emulator'] ?? '';

  it('listens on PORT, and ends when it is told to', async () => {
    const { said, code, stop } = start(emulator, [], { PORT: '0' });
    await vi.waitFor(() => expect(said.out).toContain('\n'), 10_000);
    const url = /^SendX emulator: (http:\S+)\n$/.exec(said.out)?.[1] ?? '';
    expect(await (await fetch(`${url}/_emulator/contacts`)).json()).toEqual([]);
    stop();
    expect(await code).toBe(0);
    expect(said.err).toBe('');
  });

  it('says in one sentence that the port is taken, and exits with 1', async () => {
    const port = await takePort();
    const { said, code } = start(emulator, [], { PORT: `${port}` });
    expect(await code).toBe(1);
    expect(said.err).toMatch(
      new RegExp(`^sendx-emulator: port ${port} on 127\\.0\\.0\\.1 is taken .+ PORT .+\\.\\n$`),
    );
  });
});

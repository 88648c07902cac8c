import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { build } from 'esbuild';
import { publint } from 'publint';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from './proxy/fixture.ts';

const run = promisify(execFile);
const ROOT = new URL('..', import.meta.url).pathname;
const readJson = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { version, bin, exports } = readJson('package.json') as {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
};

/** Every file that package.json names, relative to the package. */
const named = [
  ...Object.values(bin),
  ...Object.values(exports).flatMap((one) => (typeof one === 'string' ? one : Object.values(one))),
].map((path) => path.replace(/^\.\//, ''));

/** What people read or copy rather than load. */
const DOCUMENTS = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'src/emulator/README.md',
  'src/proxy/deploy/Caddyfile',
  'src/proxy/deploy/README.md',
  'src/proxy/deploy/nginx-egress.conf',
  'src/proxy/deploy/nginx.conf',
  'src/proxy/deploy/sendx-proxy.service',
  'src/proxy/deploy/wrangler.json',
  'src/proxy/grafana/alerts.yml',
  'src/proxy/grafana/dashboard.json',
];

const HINT = 'run "node build.mjs --types" first';

describe('the package', () => {
  let packed: readonly string[];
  let tarball: ArrayBuffer;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sendx-pack-'));
    // Without its scripts: "prepack" would build under the feet of other tests.
    const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', words, { cwd: ROOT });
    const [contents] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    packed = (contents?.files ?? []).map(({ path }) => path).sort();
    tarball = new Uint8Array(readFileSync(join(folder, contents?.filename ?? ''))).buffer;
    rmSync(folder, { recursive: true });
  });

  it('holds every file that package.json names', () => {
    expect(named.filter((path) => !packed.includes(path))).toEqual([]);
    for (const path of named) expect(existsSync(join(ROOT, path)), `${path}: ${HINT}`).toBe(true);
  });

  it('holds nothing that nobody loads, and no demo', async () => {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: named.filter((path) => path.endsWith('.js')),
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
      'package.json',
      ...DOCUMENTS,
    ]);
    const declarations = (path: string) => path.endsWith('.d.ts');
    expect(packed.filter((path) => !declarations(path))).toEqual([...used].sort());
  });

  it('gives publint nothing to say, suggestions included', async () => {
    const { messages } = await publint({ strict: true, pack: { tarball } });
    expect(messages).toEqual([]);
  });

  it('has types wherever modules are resolved by its exports', async () => {
    const { types, ...found } = await checkPackage(
      createPackageFromTarballData(new Uint8Array(tarball)),
    );
    expect(types).toEqual({ kind: 'included' });
    // The package is for ESM alone, and TypeScript's oldest resolution knows no exports.
    const expected = ['node10 NoResolution', 'node16-cjs CJSResolvesToESM'];
    const problems = 'problems' in found ? found.problems : [];
    const told = problems.map((one) => {
      const where = 'resolutionKind' in one ? one.resolutionKind : 'everywhere';
      const entry = 'entrypoint' in one ? one.entrypoint : '';
      return { entry, what: `${where} ${one.kind}` };
    });
    expect(told.filter(({ what }) => !expected.includes(what))).toEqual([]);
    for (const entry of Object.keys(exports))
      expect(told.filter((one) => one.entry === entry).map(({ what }) => what)).toEqual(expected);
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

  it('serves the scripts that the build made, ends when told to, and warns of no driver', async () => {
    const OUTBOX = `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`;
    const { said, code, stop } = start(proxy, [], { ...settings, OUTBOX });
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
    const url = /^SendX emulator: (http:\S+)\nAPI key: emulator-key\n$/.exec(said.out)?.[1] ?? '';
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
      new RegExp(`^sendx-emulator: port ${port} on 127\\.0\\.0\\.1 is taken, .+ PORT .+\\.\\n$`),
    );
  });
});

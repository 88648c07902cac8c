import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Window } from 'happy-dom';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

const run = promisify(execFile);
const ROOT = new URL('..', import.meta.url).pathname;
const TSC = join(ROOT, 'node_modules/.bin/tsc');

/** A project of somebody else's, with the package installed from its tarball. */
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sendx-consumer-'));
  // Without its scripts: "prepack" would build under the feet of other tests.
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', project];
  const { stdout } = await run('npm', words, { cwd: ROOT });
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', stdout.trim()];
  await run('npm', install, { cwd: project });
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name), 'dir');
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Writes a file of the project. */
const write = (name: string, lines: readonly string[]) =>
  writeFileSync(join(project, name), `${lines.join('\n')}\n`);

/** What a page's bundle uses. */
const PAGE = [
  "import { type EventOf, sendx } from 'sendx-snippet';",
  "import 'sendx-snippet/sendx.js';",
  "sendx('identify', { email: 'jane@example.com', tags: ['newsletter'] });",
  "window.sendx('track', { addTags: ['viewed-pricing'] });",
  "sendx('on', 'refused', (event: EventOf<'refused'>) => console.log(event.reason));",
  '// @ts-expect-error: no such command',
  "sendx('indentify', { email: 'jane@example.com' });",
];

/** What a server uses; it prints what became of each part. */
const SERVER = [
  "import { createSendx, type SendxOutcome } from 'sendx-snippet/api';",
  "import { type RunningEmulator, startEmulator } from 'sendx-snippet/emulator';",
  "import { InvalidSettings, type Log, type RunningProxy, startProxy } from 'sendx-snippet/proxy';",
  "import worker, { createWorker, type WorkerEnv } from 'sendx-snippet/worker';",
  "const emulator: RunningEmulator = await startEmulator({ apiKey: 'a-key' });",
  "const api = createSendx({ apiKey: 'a-key', baseUrl: emulator.url });",
  "const outcome: SendxOutcome = await api.identify({ email: 'api@example.com' });",
  "console.log('api', outcome.ok, emulator.emulator.contacts().length);",
  '// @ts-expect-error: the address is missing',
  "export const wrong = () => api.identify({ tags: ['newsletter'] });",
  'const settings = {',
  "  SENDX_API_KEY: 'a-key',",
  '  SENDX_API_URL: emulator.url,',
  "  ALLOWED_ORIGINS: 'https://www.example.com',",
  "  ALLOWED_TAGS: '*',",
  '};',
  'const log: Log = { debug() {}, info() {}, warn: console.error, error: console.error };',
  "const own = { ...settings, HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', OUTBOX: 'sqlite:own.sqlite' };",
  'const proxy: RunningProxy = await startProxy(own, { log });',
  '// @ts-expect-error: what browsers load comes with the package',
  "export const foreign = () => startProxy(own, { assets: { version: '1', files: new Map() } });",
  "const wrongly = await startProxy({ ...own, PORT: 'x', ALLOWED_TAGS: '' }).catch((error: unknown) => error);",
  "if (wrongly instanceof InvalidSettings) console.log('problems', wrongly.problems.length);",
  'const post = (email: string) =>',
  "  new Request('https://t.example.com/v1/messages', {",
  "    method: 'POST',",
  "    headers: { Origin: 'https://www.example.com', 'Content-Type': 'text/plain' },",
  "    body: JSON.stringify({ v: 1, sentAt: 1, messages: [{ id: 'a-1', type: 'identify', at: 1, email, traits: {} }] }),",
  '  });',
  "const answer = await fetch(new Request(proxy.url + '/v1/messages', post('own@example.com')));",
  "console.log('proxy', await answer.text(), (await fetch(proxy.adminUrl + '/readyz')).status);",
  'while (emulator.emulator.contacts().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));',
  'await proxy.close();',
  'const env: WorkerEnv = settings;',
  'const context = { waitUntil: () => undefined };',
  "console.log('worker', await (await worker.fetch(post('edge@example.com'), env, context)).text());",
  "console.log('contacts', emulator.emulator.contacts().map(({ email }) => email).join());",
  "console.log('types', typeof createWorker);",
  'await emulator.close();',
];

/** What an edge runtime bundles. */
const EDGE = [
  "export { createSendx } from 'sendx-snippet/api';",
  "export { default } from 'sendx-snippet/worker';",
];

const STRICT = [
  '--ignoreConfig',
  '--strict',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
  '--skipLibCheck',
  'false',
  '--target',
  'es2022',
];

describe('from TypeScript, libraries checked', () => {
  it.each([
    ['a page', PAGE, 'nodenext', ['--lib', 'es2022,dom', '--types', '']],
    ['a bundled page', PAGE, 'bundler', ['--lib', 'es2022,dom', '--types', '']],
    ['a server', SERVER, 'nodenext', ['--lib', 'es2022', '--types', 'node']],
    ['a bundled server', SERVER, 'bundler', ['--lib', 'es2022', '--types', 'node']],
    ['an edge', EDGE, 'bundler', ['--lib', 'es2022,webworker', '--types', '']],
  ])('%s compiles under strict settings', async (_who, lines, resolution, rest) => {
    write('consumer.ts', lines);
    const module = resolution === 'nodenext' ? 'nodenext' : 'preserve';
    const how = ['--noEmit', '--module', module, '--moduleResolution', resolution];
    // The compiler fails with what it says on its standard output.
    const { stdout } = await run(TSC, [...STRICT, ...how, ...rest, 'consumer.ts'], {
      cwd: project,
    }).catch((error: { readonly stdout: string }) => error);
    expect(stdout).toBe('');
  });
});

it('every declaration of the package is reached from an export', async () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const all = Object.keys(exports).map((key) => `import 'sendx-snippet${key.slice(1)}';`);
  write('all.ts', [
    ...all,
    ...all.map((line, at) => line.replace('import', `export * as e${at} from`)),
  ]);
  const how = ['--noEmit', '--module', 'nodenext', '--lib', 'es2022,dom', '--types', 'node'];
  const { stdout } = await run(TSC, [...STRICT, ...how, '--listFilesOnly', 'all.ts'], {
    cwd: project,
  });
  const dist = join(project, 'node_modules/sendx-snippet/dist');
  const there = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  const reached = stdout.split('\n').flatMap((path) => path.split('/sendx-snippet/dist/')[1] ?? []);
  expect(there.filter((path) => path.endsWith('.d.ts')).sort()).toEqual(reached.sort());
});

it('every export works in a program compiled from TypeScript', async () => {
  write('server.ts', SERVER);
  const how = ['--module', 'nodenext', '--lib', 'es2022', '--types', 'node', 'server.ts'];
  await run(TSC, [...STRICT, ...how], { cwd: project });
  const { stdout, stderr } = await run(process.execPath, ['server.js'], { cwd: project });
  const accepted = '{"results":[{"id":"a-1","status":"accepted"}]}';
  expect(stdout.trim().split('\n')).toEqual([
    'api true 1',
    'problems 2',
    `proxy ${accepted} 200`,
    `worker ${accepted}`,
    'contacts api@example.com,own@example.com,edge@example.com',
    'types function',
  ]);
  expect(stderr).not.toMatch(/error|warning/i);
});

it('the README’s proxy in a program starts by its environment, and ends', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, code = ''] = /```ts\n([^`]+'sendx-snippet\/proxy'[\s\S]+?)```/.exec(readme) ?? [];
  write('embedded.ts', [code]);
  const how = ['--module', 'nodenext', '--lib', 'es2022', '--types', 'node', 'embedded.ts'];
  await run(TSC, [...STRICT, ...how], { cwd: project });
  const { stdout, stderr } = await run(process.execPath, ['embedded.js'], {
    cwd: project,
    env: {
      SENDX_API_KEY: 'a-key',
      ALLOWED_ORIGINS: 'https://www.example.com',
      ALLOWED_TAGS: 'newsletter',
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: '0',
    },
  });
  const url = 'http://127\\.0\\.0\\.1:\\d+';
  expect(stdout).toMatch(new RegExp(`^Public at ${url}, for the operator at ${url}\\n$`));
  expect(stderr).toBe('');
});

it('the snippet does nothing on a server, and finds its script by name', async () => {
  write('page.mjs', [
    "import { sendx } from 'sendx-snippet';",
    "sendx('identify', { email: 'jane@example.com' });",
    "console.log(import.meta.resolve('sendx-snippet/sendx.js'));",
  ]);
  const { stdout } = await run(process.execPath, ['page.mjs'], { cwd: project });
  const script = new URL(stdout.trim());
  expect(readFileSync(script, 'utf8')).toBe(readFileSync(join(ROOT, 'dist/sendx.js'), 'utf8'));
});

/** A program of the package by npx, ended with all that it started. */
function npx(words: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn('npx', ['--no-install', ...words], {
    cwd: project,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    said.err += bytes;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await code;
  });
  return { said, code };
}

describe('the programs, by npx', () => {
  it.each([
    ['sendx-proxy', ['--help'], /SENDX_API_KEY/],
    ['sendx-proxy', ['--version'], /^\d+\.\d+\.\d+\n$/],
    ['sendx-emulator', ['--help'], /SENDX_API_KEY/],
    ['sendx-emulator', ['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%s %j answers', async (program, words, answer) => {
    const { said, code } = npx([program, ...words]);
    expect(await code).toBe(0);
    expect(said.out).toMatch(answer);
  });

  it('bring a contact from a plain page to SendX', async () => {
    const emulator = npx(['sendx-emulator'], { PORT: '0', SENDX_API_KEY: 'a-key' });
    await vi.waitFor(() => expect(emulator.said.out).toContain('http'), 15_000);
    const api = /http:\S+/.exec(emulator.said.out)?.[0] ?? '';
    const site = 'http://www.example.localhost';
    const proxy = npx(['sendx-proxy'], {
      SENDX_API_KEY: 'a-key',
      SENDX_API_URL: api,
      ALLOWED_ORIGINS: site,
      ALLOWED_TAGS: 'newsletter',
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: '0',
    });
    await vi.waitFor(() => expect(proxy.said.out).toContain('"Listening"'), 15_000);
    const { port } = JSON.parse(proxy.said.out.split('\n')[0] ?? '') as { port: number };

    const window = new Window({
      url: `${site}/`,
      settings: {
        enableJavaScriptEvaluation: true,
        suppressInsecureJavaScriptEnvironmentWarning: true,
      },
    });
    onTestFinished(() => window.happyDOM.close());
    const stub = readFileSync(join(project, 'node_modules/sendx-snippet/dist/stub.js'), 'utf8');
    window.document.write(
      `<script>${stub}</script>` +
        '<script>sendx("identify",{email:"plain@example.com",tags:["newsletter"]})</script>' +
        `<script async src="http://127.0.0.1:${port}/v1/sendx.js"></script>`,
    );
    await vi.waitFor(async () => {
      const contacts = await (await fetch(`${api}/_emulator/contacts`)).json();
      expect(contacts).toMatchObject([{ email: 'plain@example.com', tags: ['newsletter'] }]);
    }, 15_000);
  });
});

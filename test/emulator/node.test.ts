import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sendx-emulator-'));
  // Where the build puts it, with its package around it.
  file = join(folder, 'dist/emulator/node.js');
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/emulator/node.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  await writeFile(join(folder, 'package.json'), '{"type":"module","version":"1.2.3"}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts the bin with these settings and words alone and gathers what it says. */
function start(env: Record<string, string>, words: readonly string[] = []) {
  const child = spawn(process.execPath, [file, ...words], { env });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const listening = once(child.stdout, 'data').then(() => /http:\S+/.exec(said.out)?.[0] ?? '');
  return { child, said, exit, listening };
}

describe('sendx-emulator', () => {
  test('prints one line with its URL, and takes the key and team of its environment', async () => {
    const { said, listening } = start({ PORT: '0', SENDX_API_KEY: 'k3y', SENDX_TEAM_ID: 't3am' });
    const url = await listening;
    expect(said.out).toMatch(/^SendX emulator: http:\/\/127\.0\.0\.1:\d+\n$/);
    const response = await fetch(`${url}/api/v1/contact/identify?team_id=t3am`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', api_key: 'k3y' },
      body: '{"email":"jane@example.com"}',
    });
    expect(response.status).toBe(200);
    expect(said.err).toBe('');
  });

  test.each(['--help', '-h'])(
    'by %s tells what it is, what may be set, and what it prints',
    async (word) => {
      const { said, exit } = start({}, [word]);
      expect(await exit).toBe(0);
      expect(said.out).toMatch(/^sendx-emulator: a SendX on this computer/);
      for (const name of ['PORT', 'HOST', 'SENDX_API_KEY', 'SENDX_TEAM_ID'])
        expect(said.out).toMatch(new RegExp(`^ {2}${name}\\n {6}.+ Default: .+\\.$`, 'm'));
      expect(said.out).toContain('It prints its address');
      expect(said.out.split('\n').every((line) => line.length <= 100)).toBe(true);
      expect(said.err).toBe('');
    },
  );

  test('tells the version of its package', async () => {
    const { said, exit } = start({}, ['--version']);
    expect(await exit).toBe(0);
    expect(said).toEqual({ out: '1.2.3\n', err: '' });
  });

  test.each([[['nonsense']], [['--help', 'me']]])('does not start by %j', async (words) => {
    const { said, exit } = start({ PORT: '0' }, words);
    expect(await exit).toBe(2);
    expect(said).toEqual({
      out: '',
      err: `sendx-emulator: it knows no "${words.join(' ')}", see sendx-emulator --help; nothing was started.\n`,
    });
  });

  test('still serves a working page when minified', async () => {
    const { listening } = start({ PORT: '0' });
    const html = await (await fetch(`${await listening}/`)).text();
    const [, script = ''] = /<script[^>]*>([\s\S]*)<\/script>/.exec(html) ?? [];
    expect(() => new Function(script)).not.toThrow();
    expect(script).toContain('/_emulator/events');
  });

  test('a caller who leaves in the middle of a request disturbs nothing', async () => {
    const { said, listening } = start({ PORT: '0' });
    const url = await listening;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = [
      'POST /api/v1/rest/contact/identify HTTP/1.1',
      'Host: sendx',
      'Content-Length: 99',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"email":`);
    await once(socket, 'ready');
    socket.resetAndDestroy();
    await once(socket, 'close');

    const journal = await fetch(`${url}/_emulator/journal`);
    expect(await journal.json()).toEqual([]);
    expect(said.err).toBe('');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends at once and cleanly on %s', async (signal) => {
    const { child, said, exit, listening } = start({ PORT: '0' });
    const watching = await fetch(`${await listening}/_emulator/events`);
    const ended = watching.text().catch(() => 'ended');
    child.kill(signal);
    expect(await exit).toBe(0);
    await ended;
    expect(said.err).toBe('');
  });

  test('says in a sentence that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { said, exit } = start({ PORT: String(port) });
    expect(await exit).toBe(1);
    expect(said.err).toBe(
      `sendx-emulator: port ${port} on 127.0.0.1 is taken, by an emulator or a demo that still runs perhaps: end it, or set PORT to a free one.\n`,
    );
    other.close();
  });

  test.each(['http', '-1', '65536', '1e3', ''])('says that "%s" is no port', async (port) => {
    const { said, exit } = start({ PORT: port });
    expect(await exit).toBe(2);
    expect(said.err).toBe(
      `sendx-emulator: PORT must be a number from 0 to 65535, got "${port}"; nothing was started.\n`,
    );
  });

  test('says that this machine lacks the address of HOST', async () => {
    const { said, exit } = start({ PORT: '0', HOST: '192.0.2.1' });
    expect(await exit).toBe(1);
    expect(said.err).toContain('this machine has no address 192.0.2.1');
  });
});

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../proxy/fixture.ts';
import { freePort } from '../proxy/program.ts';

/** Reads a file of the deployment, with what belongs to the machine replaced. */
export function readDeployed(
  name: string,
  replaced: Readonly<Record<string, string>> = {},
): string {
  const url = new URL(`../../src/proxy/deploy/${name}`, import.meta.url);
  let text = readFileSync(url, 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${name} has no "${from}" to replace`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Runs nginx on configuration for its `http` block, until the test ends. */
export async function runNginx(program: string, http: string, port: number): Promise<void> {
  const folder = temporaryFolder();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const lines = [
    'daemon off;',
    // Its workers would be somebody else, who may not enter the folder.
    process.getuid?.() === 0 ? 'user root;' : '',
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr;',
    'events {}',
    'http {',
    'access_log off;',
    // As many sites have it: nothing that the build packed may be packed again.
    'gzip on; gzip_types *; gzip_proxied any;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    http.replaceAll('/var/cache/nginx', folder),
    '}',
  ];
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, lines.join('\n'));
  await runServer(program, ['-c', file, '-e', 'stderr'], port);
}

/** Runs Caddy on a Caddyfile, until the test ends. */
export async function runCaddy(program: string, caddyfile: string, port: number): Promise<void> {
  const folder = temporaryFolder();
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, `{\n\tadmin off\n}\n${caddyfile}`);
  await runServer(program, ['run', '--config', file, '--adapter', 'caddyfile'], port, folder);
}

async function runServer(program: string, words: readonly string[], port: number, home?: string) {
  const child = spawn(program, words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(home !== undefined && { env: { HOME: home } }),
  });
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await vi.waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    await knock(port);
  }, 10_000);
}

function knock(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** The site of nginx.conf, in front of a proxy's port; resolves to its own. */
export async function startNginxSite(
  program: string,
  proxyPort: number,
  replaced: Readonly<Record<string, string>> = {},
): Promise<number> {
  const port = await freePort();
  const http = readDeployed('nginx.conf', {
    'listen 80;': `listen 127.0.0.1:${port};`,
    '127.0.0.1:8787': `127.0.0.1:${proxyPort}`,
    ...replaced,
  });
  await runNginx(program, http, port);
  return port;
}

/** The site of the Caddyfile, in front of a proxy's port; resolves to its own. */
export async function startCaddySite(program: string, proxyPort: number): Promise<number> {
  const port = await freePort();
  const caddyfile = readDeployed('Caddyfile', {
    'www.example.com {': `http://:${port} {\n\tbind 127.0.0.1`,
    '127.0.0.1:8787': `127.0.0.1:${proxyPort}`,
  });
  await runCaddy(program, caddyfile, port);
  return port;
}

#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { HELP } from './help.ts';
import { startEmulator } from './server.ts';

/** The highest port there is. */
const MAX_PORT = 65_535;

function leave(code: 1 | 2, sentence: string): never {
  process.stderr.write(`sendx-emulator: ${sentence}\n`);
  process.exit(code);
}

/** Tells and ends, or returns when there was nothing to tell. */
function answerWords(words: readonly string[]): void {
  if (words.length === 0) return;
  const [word] = words;
  const isHelp = word === '--help' || word === '-h';
  if (words.length === 1 && (isHelp || word === '--version')) {
    process.stdout.write(`${isHelp ? HELP : readVersion()}\n`);
    process.exit(0);
  }
  leave(2, `it knows no "${words.join(' ')}", see sendx-emulator --help; nothing was started.`);
}

/** Of the package: the build puts this file into `dist/emulator/`. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= MAX_PORT) return port;
  return leave(
    2,
    `PORT must be a number from 0 to ${MAX_PORT}, got "${text}"; nothing was started.`,
  );
}

function reasonOf(error: unknown, port: number, host: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is taken, by an emulator or a demo that still runs perhaps: end it, or set PORT to a free one.`;
  }
  if (code === 'EACCES') return `port ${port} needs more rights than this user has; set PORT.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `this machine has no address ${host}; set HOST to one that it has.`;
  }
  return `it could not start: ${error instanceof Error ? error.message : String(error)}`;
}

answerWords(process.argv.slice(2));

const { PORT = '8788', HOST = '127.0.0.1', SENDX_API_KEY, SENDX_TEAM_ID } = process.env;
const port = readPort(PORT);

const running = await startEmulator({
  port,
  host: HOST,
  ...(SENDX_API_KEY && { apiKey: SENDX_API_KEY }),
  ...(SENDX_TEAM_ID && { teamId: SENDX_TEAM_ID }),
}).catch((error: unknown) => leave(1, reasonOf(error, port, HOST)));

// Of a key that somebody has chosen nothing is printed.
const key = SENDX_API_KEY ? '' : `API key: ${running.emulator.apiKey}\n`;
process.stdout.write(`SendX emulator: ${running.url}\n${key}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void running.close());
}

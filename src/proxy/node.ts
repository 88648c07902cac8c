#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { type Assets, loadAssets } from './http/assets.ts';
import { createLog } from './log.ts';
import { openOutbox } from './openOutbox.ts';
import { HELP, runCommand } from './operator/commands.ts';
import { createOperator } from './operator/operator.ts';
import { createRemoteOperator } from './operator/remoteOperator.ts';
import { openRates } from './policy/openRates.ts';
import { createSignatures } from './policy/signature.ts';
import { serve } from './serve.ts';
import { variableHelp } from './settings/variableHelp.ts';
import { variables } from './settings/variables.ts';
import { parseSettings, parseVariable } from './settings.ts';

const readText = (path: string): string => readFileSync(path, 'utf8');
const complain = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  complain(`sendx-proxy: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main(words: readonly string[]): Promise<number> {
  if (words.length === 0 || words[0] === 'serve') return start();
  if (words[0] === '--help' || words[0] === 'help')
    print(`${HELP}\n\nEnvironment:\n\n${variableHelp()}`);
  else if (words[0] === '--version') print(readAssets().version);
  else return runCommand(words, { connect, sign, print, complain });
  return 0;
}

async function start(): Promise<number> {
  const parsed = parseSettings(process.env, readText);
  if ('problems' in parsed) return failSettings(parsed.problems);
  const { settings } = parsed;
  const assets = readAssets();
  const log = createLog(settings.logLevel);
  // From here on: a signal before the last port listens must not leave the store behind.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  const outbox = await openOutbox(settings.outbox);
  const rates = await openRates(settings);
  const proxy = await serve({ settings, outbox, rates, assets, log }).catch(
    async (error: unknown) => {
      await outbox.close(0);
      await rates.close();
      throw new Error(explainListen(error));
    },
  );
  await stopped;
  await proxy.close();
  return 0;
}

function failSettings(problems: readonly string[]): number {
  complain('sendx-proxy cannot start:');
  for (const problem of problems) complain(`  ${problem}`);
  return 2;
}

/** The build puts this file into `dist/proxy/`, and what browsers load into `dist/`. */
function readAssets(): Assets {
  const folder = new URL('../', import.meta.url);
  return loadAssets((name) => {
    try {
      return new Uint8Array(readFileSync(new URL(name, folder)));
    } catch {
      return undefined;
    }
  });
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

async function connect() {
  const host = setting('adminHost').replace(/^(?:0\.0\.0\.0|::)$/, '127.0.0.1');
  const authority = host.includes(':') ? `[${host}]` : host;
  const url = `http://${authority}:${setting('adminPort')}`;
  const answer = await fetch(`${url}/livez`).catch(() => undefined);
  if (answer) return { operator: createRemoteOperator(url), release: () => Promise.resolve() };
  const store = setting('outbox');
  if (store.kind === 'sqlite' && !existsSync(store.path))
    throw new Error(
      `no proxy answers at ${url}, and there is no store at ${store.path}; run this with the proxy's environment and in its folder.`,
    );
  const outbox = await openOutbox(store);
  const operator = createOperator(outbox, readAssets().version);
  return { operator, release: () => outbox.close(0) };
}

function sign(email: string): Promise<string> {
  return createSignatures(setting('identitySecrets')).sign(email);
}

/** One setting alone: a command needs no API key. */
function setting<K extends keyof typeof variables>(key: K) {
  const variable = variables[key];
  const parsed = parseVariable(variable, process.env, readText);
  if ('fault' in parsed) throw new Error(`${variable.name} ${parsed.fault}.`);
  return parsed.value;
}

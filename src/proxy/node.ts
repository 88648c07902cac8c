#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { readBuiltAssets } from './builtAssets.ts';
import { localUrl } from './http/localUrl.ts';
import { openOutbox } from './openOutbox.ts';
import { HELP, runCommand } from './operator/commands.ts';
import { createOperator } from './operator/operator.ts';
import { createRemoteOperator } from './operator/remoteOperator.ts';
import { createSignatures } from './policy/signature.ts';
import { InvalidSettings, startProxy } from './server.ts';
import { variableHelp } from './settings/variableHelp.ts';
import { variables } from './settings/variables.ts';
import { parseVariable } from './settings.ts';

const readText = (path: string): string => readFileSync(path, 'utf8');
const complain = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof InvalidSettings) {
    complain(error.message);
    return 2;
  }
  complain(`sendx-proxy: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main(words: readonly string[]): Promise<number> {
  if (words.length === 0 || words[0] === 'serve') return start();
  if (['--help', '-h', 'help'].includes(words[0] ?? ''))
    print(`${HELP}\n\nEnvironment:\n\n${variableHelp()}`);
  else if (words[0] === '--version') print(readBuiltAssets().version);
  else return runCommand(words, { connect, sign, print, complain });
  return 0;
}

async function start(): Promise<number> {
  // First of all: a signal before the last port listens must not leave the store behind.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  const proxy = await startProxy();
  await stopped;
  await proxy.close();
  return 0;
}

async function connect() {
  const url = localUrl(setting('adminHost'), setting('adminPort'));
  const answer = await fetch(`${url}/livez`).catch(() => undefined);
  if (answer) return { operator: createRemoteOperator(url), release: () => Promise.resolve() };
  const store = setting('outbox');
  if (store.kind === 'sqlite' && !existsSync(store.path))
    throw new Error(
      `no proxy answers at ${url}, and there is no store at ${store.path}; run this with the proxy's environment and in its folder.`,
    );
  const outbox = await openOutbox(store);
  const operator = createOperator(outbox, readBuiltAssets().version);
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

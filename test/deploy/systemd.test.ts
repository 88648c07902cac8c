import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { expect, test } from 'vitest';
import { variables } from '../../src/proxy/settings/variables.ts';
import { temporaryFolder } from '../proxy/fixture.ts';
import { startProgram } from './program.ts';
import { readDeployed } from './webServer.ts';

const run = promisify(execFile);
const ROOT = new URL('../..', import.meta.url).pathname;
const ANALYZE = '/usr/bin/systemd-analyze';
const { name, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const unit = readDeployed('sendx-proxy.service');
const valuesOf = (key: string) => unit.match(new RegExp(`(?<=^${key}=).+`, 'gm')) ?? [];
const [command = ''] = valuesOf('ExecStart');

if (!existsSync(ANALYZE)) console.error(`LEFT OUT: there is no ${ANALYZE} to check the unit by`);
const checked = test.skipIf(!existsSync(ANALYZE));

/** The unit as a file, with a program that is on this machine. */
function writeUnit(text: string = unit): string {
  const file = join(temporaryFolder(), 'sendx-proxy.service');
  writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
  return file;
}

/** What systemd says against a unit. */
const verify = async (file: string) => {
  const said = run(ANALYZE, ['verify', file]).catch((error: { readonly stderr: string }) => error);
  const { stderr } = await said;
  // Units of the machine itself are loaded with it, and have their own faults.
  return stderr.split('\n').filter((line) => line.includes('sendx-proxy.service'));
};

checked('has no line that systemd does not know', async () => {
  expect(await verify(writeUnit())).toEqual([]);
  expect(await verify(writeUnit(unit.replace('LockPersonality', 'LookPersonality')))).toHaveLength(
    1,
  );
});

checked('exposes next to nothing of the machine', async () => {
  const words = ['security', '--offline=true', '--no-pager', writeUnit()];
  const { stdout } = await run(ANALYZE, words);
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
  expect(exposure).toBeLessThan(2);
});

test('starts the program of the package, which keeps its store where systemd lets it', async () => {
  const [program = '', script = ''] = command.split(' ');
  expect(script).toBe(`/opt/sendx-proxy/node_modules/${name}/${bin['sendx-proxy']}`);
  const [credentials, state] = [temporaryFolder(), temporaryFolder()];
  const [, credential = ''] = /^([\w-]+):/.exec(valuesOf('LoadCredential')[0] ?? '') ?? [];
  writeFileSync(join(credentials, credential), 'a-key\n');
  const own = valuesOf('Environment')
    .join('\n')
    .replaceAll('%d', credentials)
    .replaceAll('%S', state);
  const env = {
    ...parseEnv(own),
    ALLOWED_ORIGINS: 'https://www.example.com',
    ALLOWED_TAGS: 'newsletter',
    PORT: '0',
    ADMIN_PORT: '0',
  } as Record<string, string>;
  const words = [program, join(ROOT, bin['sendx-proxy'])];
  const proxy = await startProgram(words, env, temporaryFolder());
  expect(existsSync(join(state, valuesOf('StateDirectory')[0] ?? '', 'outbox.sqlite'))).toBe(true);
  expect(await proxy.stop()).toBe(0);
});

test('is given longer for the end than the proxy takes', () => {
  const [seconds] = valuesOf('TimeoutStopSec');
  expect(Number(seconds)).toBeGreaterThan(Number(variables.shutdownSeconds.default));
});

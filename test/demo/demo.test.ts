import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runDemo } from '../../demo/demo.ts';
import { findPortBase, isFree } from './freePorts.ts';

// Programs with this demo's settings that can be told to die: the real ones have no such door.
const program = (port: string) => `
  import { createServer } from 'node:http';
  console.log('banner');
  createServer((request, answer) => {
    answer.end();
    if (request.url === '/die') { console.error('the kiln is cold'); process.exit(7); }
    if (request.url === '/talk') console.error('hello');
  }).listen(process.env.${port}, '127.0.0.1');
  process.once('SIGTERM', () => process.exit(0));`;

let dist: string;
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'demo-test-'));
  for (const [name, port] of [
    ['emulator', 'PORT'],
    ['proxy', 'ADMIN_PORT'],
  ] as const) {
    await mkdir(join(dist, name));
    await writeFile(join(dist, name, 'node.js'), program(port));
  }
  await writeFile(join(dist, 'package.json'), '{"type":"module"}');
  for (const name of ['stub.js', 'loader.js', 'sendx.js']) {
    await writeFile(join(dist, name), 'window.sendx');
  }
  const files = { 'sendx.js': { integrity: 'sha384-hash' } };
  await writeFile(join(dist, 'manifest.json'), JSON.stringify({ version: '1.2.3', files }));
});
afterAll(() => rm(dist, { recursive: true, force: true }));

const pages = fileURLToPath(new URL('../../demo/site/', import.meta.url));

const run = async (base: number, files = dist) => {
  const stop = new AbortController();
  const onReady = vi.fn();
  const onLine = vi.fn();
  const env = { ...process.env, PORT_BASE: `${base}` };
  const ended = runDemo({ dist: files, pages, env, signal: stop.signal, onReady, onLine });
  ended.catch(() => {});
  const ready = () => vi.waitFor(() => expect(onReady).toHaveBeenCalled(), { timeout: 10_000 });
  return { stop, onReady, onLine, ended, ready };
};

/** Between fork and exec, a program that another test starts holds what this process had open. */
const FORK_MS = 500;

const expectNothingLeft = async (base: number) => {
  for (const offset of [0, 1, 2, 3])
    await vi.waitFor(async () => expect(await isFree(base + offset)).toBe(true), FORK_MS);
};

it('says once where everything is, and shows what programs write only after that', async () => {
  const base = await findPortBase();
  const { stop, onReady, onLine, ended, ready } = await run(base);
  await ready();
  expect(onReady.mock.calls).toEqual([
    [{ site: `http://localhost:${base}`, liveView: `http://localhost:${base + 2}/` }],
  ]);
  await fetch(`http://localhost:${base + 3}/talk`);
  await vi.waitFor(() => expect(onLine.mock.calls).toEqual([['[proxy] hello']]));
  stop.abort();
  await ended;
  await expectNothingLeft(base);
});

it('stops everything when one program dies, and says which and why', async () => {
  const base = await findPortBase();
  const { ended, ready } = await run(base);
  await ready();
  await fetch(`http://localhost:${base + 2}/die`).catch(() => {});
  await expect(ended).rejects.toThrow(
    /^The emulator ended unexpectedly \(code 7\)\.\nbanner\nthe kiln is cold\nEverything else was stopped\.$/,
  );
  await expectNothingLeft(base);
});

it('stops when told to while it is still starting', async () => {
  const base = await findPortBase();
  const { stop, onReady, ended } = await run(base);
  stop.abort();
  await ended;
  expect(onReady).not.toHaveBeenCalled();
  await expectNothingLeft(base);
});

it('leaves nothing running where a part of the build is missing', async () => {
  const base = await findPortBase();
  const { ended } = await run(base, join(dist, 'emulator'));
  await expect(ended).rejects.toThrow('The build has no manifest.json');
  await expectNothingLeft(base);
});

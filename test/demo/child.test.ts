import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildOptions, startChild } from '../../demo/child.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a script and resolves once it has written a line. */
const start = async (script: string, options: Partial<ChildOptions> = {}) => {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(file, script);
  const lines: string[] = [];
  let child: ReturnType<typeof startChild> | undefined;
  await new Promise<void>((resolve) => {
    const onLine = (line: string) => {
      lines.push(line);
      resolve();
    };
    child = startChild({ name: 'kiln', file, env: { GLAZE: 'celadon' }, onLine, ...options });
  });
  if (child === undefined) throw new Error('not started');
  return { child, lines };
};

const LISTEN = `import { createServer } from 'node:net';
  const server = createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));`;

describe('startChild', () => {
  it('gives the child its own settings and nothing else', async () => {
    const { child, lines } = await start(
      'console.log(process.env.GLAZE, process.env.HOME ?? "no home");',
    );
    await child.ended;
    expect(lines).toEqual(['celadon no home']);
  });

  it('lets the child end by itself when asked to', async () => {
    const { child, lines } = await start(`${LISTEN}
      process.on('SIGTERM', () => { console.log('tidied up'); server.close(); });`);
    await child.stop();
    expect(lines.at(-1)).toBe('tidied up');
    expect(await child.ended).toMatch(/^The kiln ended unexpectedly \(code 0\)/);
  });

  it('kills a child that does not end in time', async () => {
    const { child } = await start(`${LISTEN} process.on('SIGTERM', () => {});`, { graceMs: 100 });
    await child.stop();
    expect(await child.ended).toContain('SIGKILL');
  });

  it('says who died, how, and what it last wrote', async () => {
    const { child } = await start('console.error("out of clay"); process.exitCode = 3;');
    expect(await child.ended).toBe('The kiln ended unexpectedly (code 3).\nout of clay');
  });

  it('stops a child that has already ended', async () => {
    const { child } = await start('console.log("done");');
    await child.ended;
    await child.stop();
  });

  it('ends the child when the parent is killed', async () => {
    const file = join(folder, 'listener.mjs');
    await writeFile(file, LISTEN);
    const outfile = join(folder, 'parent.mjs');
    await build({
      stdin: {
        contents: `import { startChild } from './child.ts';
          startChild({ name: 'kiln', file: ${JSON.stringify(file)}, env: {}, onLine: console.log });`,
        resolveDir: fileURLToPath(new URL('../../demo', import.meta.url)),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
    });
    const parent = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = await once(createInterface({ input: parent.stdout }), 'line');
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => {}).resume();
    parent.kill('SIGKILL');
    await closed;
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findPortBase, isFree } from './freePorts.ts';

const script = fileURLToPath(new URL('../../dist/demo/start.js', import.meta.url));

let demo: ChildProcess | undefined;
afterEach(() => demo?.kill('SIGKILL'));

/** Starts the built demo, and collects what it writes. */
const start = (base: number | string) => {
  const env = { ...process.env, PORT_BASE: `${base}` };
  const process_ = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  demo = process_;
  const lines: string[] = [];
  let complaint = '';
  createInterface({ input: process_.stdout }).on('line', (line) => lines.push(line));
  process_.stderr.on('data', (data) => {
    complaint += data;
  });
  const ended = once(process_, 'close').then(([code]) => ({ code, lines, complaint }));
  const ready = vi.waitFor(
    () => {
      if (process_.exitCode !== null) throw new Error(complaint);
      expect(lines.length).toBe(3);
    },
    { timeout: 15_000 },
  );
  ready.catch(() => {});
  return { process: process_, lines, ended, ready };
};

const areFree = (base: number) =>
  Promise.all([0, 1, 2, 3].map((offset) => isFree(base + offset))).then(
    (free) => !free.includes(false),
  );

describe('npm start', () => {
  it('prints one address first, serves all that it names, and stops clean', async () => {
    const base = await findPortBase();
    const running = start(base);
    await running.ready;
    const [site, liveView] = running.lines;
    expect(site).toBe(`http://localhost:${base}`);
    expect(liveView).toContain(`http://localhost:${base + 2}/`);
    for (const path of ['/', '/pricing', '/thanks', '/how-it-works', '/recipes/inline']) {
      expect((await fetch(`${site}${path}`)).status, path).toBe(200);
    }
    const page = await (await fetch(`${site}/`)).text();
    const address = /async src="([^"]+)"/.exec(page)?.[1] ?? '';
    expect((await fetch(address)).headers.get('content-type')).toContain('javascript');
    const pinned = await (await fetch(`${site}/recipes/pinned`)).text();
    const [, exact = '', integrity] = /async src="([^"]+)" integrity="([^"]+)"/.exec(pinned) ?? [];
    const script = Buffer.from(await (await fetch(exact)).arrayBuffer());
    expect(`sha384-${createHash('sha384').update(script).digest('base64')}`).toBe(integrity);
    expect((await fetch(`http://localhost:${base + 2}/`)).status).toBe(200);

    running.process.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, complaint: '' });
    expect(await areFree(base)).toBe(true);
  });

  it('takes a call of its own site, and of no other', async () => {
    const base = await findPortBase();
    const running = start(base);
    await running.ready;
    const now = Date.now();
    const messages = [
      {
        id: `${now.toString(36)}-demotest-0`,
        type: 'identify',
        at: now,
        email: 'jane@example.com',
        traits: { tags: ['newsletter'] },
      },
    ];
    const post = (origin: string) =>
      fetch(`http://localhost:${base + 1}/v1/messages`, {
        method: 'POST',
        headers: { origin },
        body: JSON.stringify({ v: 1, sentAt: now, messages }),
      });
    expect((await post('http://shop.test')).status).toBe(403);
    const answer = await post(`http://localhost:${base}`);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ results: [{ status: 'accepted' }] });
    await vi.waitFor(async () => {
      const contacts = await fetch(`http://localhost:${base + 2}/_emulator/contacts`);
      expect(await contacts.text()).toContain('jane@example.com');
    });
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  it('takes a second Ctrl-C while it stops, as npm sends one too', async () => {
    const running = start(await findPortBase());
    await running.ready;
    running.process.kill('SIGINT');
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  it('names a taken port, whose it is and the variable, and leaves nothing running', async () => {
    const base = await findPortBase();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(base + 1, '127.0.0.1', resolve));
    const { code, lines, complaint } = await start(base).ended;
    expect(code).toBe(1);
    expect(lines).toEqual([]);
    expect(complaint).toMatch(
      new RegExp(`^Port ${base + 1}, which the demo's proxy needs, is taken .*PORT_BASE=.*\\n$`),
    );
    await new Promise((resolve) => other.close(resolve));
    expect(await areFree(base)).toBe(true);
  });

  it('says what PORT_BASE may be', async () => {
    const { code, complaint } = await start('eighty').ended;
    expect(code).toBe(1);
    expect(complaint).toMatch(/^PORT_BASE must be .*"eighty".*\n$/);
  });

  it('leaves no orphans when it is killed', async () => {
    const base = await findPortBase();
    const running = start(base);
    await running.ready;
    running.process.kill('SIGKILL');
    await running.ended;
    await vi.waitFor(async () => expect(await areFree(base)).toBe(true), { timeout: 10_000 });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { checkPorts, parsePorts } from './ports.ts';
import { createPrograms } from './programs.ts';
import { waitUntilReady } from './ready.ts';
import { startSite } from './site.ts';
import { readSnippet } from './snippet.ts';

/** What the demo needs from outside. */
export interface DemoOptions {
  /** Folder of the built programs and scripts. */
  readonly dist: string;
  /** Folder of the pages. */
  readonly pages: string;
  /** `PORT_BASE` and `LOG_LEVEL` are read; the children get `PATH` and `TMPDIR` of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the demo. */
  readonly signal: AbortSignal;
  /** Told once, when everything answers. */
  readonly onReady: (urls: { readonly site: string; readonly liveView: string }) => void;
  /** Told what the children write once everything answers. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs emulator, proxy and site until told to end. The proxy's messages live in a folder made for
 * this run, as the emulator forgets its contacts as well.
 *
 * @throws Error with a sentence for people where it cannot start or where a program dies. When the
 * promise settles, nothing is left running.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { dist, pages, env, signal } = options;
  const ports = parsePorts(env.PORT_BASE);
  await checkPorts(ports);
  const folder = await mkdtemp(join(tmpdir(), 'sendx-demo-'));
  const programs = createPrograms(ports, join(folder, 'outbox.sqlite'), env.LOG_LEVEL);
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const failed = new AbortController();
  let ready = false;
  try {
    const urls = {
      site: `http://localhost:${ports.site}`,
      proxy: `http://localhost:${ports.proxy}`,
      emulator: `http://localhost:${ports.emulator}/`,
      admin: `http://localhost:${ports.admin}`,
    };
    const replacements = { ...urls, ...(await readSnippet(dist, urls.proxy)) };
    const site = await startSite({ folder: pages, replacements, port: ports.site });
    undo.push(site.close);
    const children = programs.map(({ name, file, env: settings }): Child => {
      const child = startChild({
        name,
        file: join(dist, file),
        env: { PATH: env.PATH, TMPDIR: env.TMPDIR, ...settings },
        onLine: (line) => ready && options.onLine(`[${name}] ${line}`),
      });
      undo.push(child.stop);
      return child;
    });
    const death = Promise.race(children.map((child) => child.ended)).then((sentence) => {
      throw new Error(`${sentence}\nEverything else was stopped.`);
    });
    const end = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const answers = programs.map(({ readyUrl }) => waitUntilReady(readyUrl, failed.signal));
    await Promise.race([Promise.all(answers), death, end]);
    if (signal.aborted) return;
    options.onReady({ site: urls.site, liveView: urls.emulator });
    ready = true;
    await Promise.race([death, end]);
  } finally {
    failed.abort();
    // Last in, first out: the proxy delivers what it has while SendX still answers.
    for (const step of undo.reverse()) await step();
  }
}

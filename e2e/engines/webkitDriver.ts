import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { WebKitGtk } from '../findBrowser.ts';

/** WebKitWebDriver on a display of its own. */
export interface WebKitDriver {
  readonly url: string;
  close(): Promise<void>;
}

/** A driver that does not answer within this time will not. */
const START_MS = 30_000;

/** MiniBrowser draws only where there is a display; Xvfb chooses a free one and names it. */
async function startDisplay(program: string): Promise<{ name: string; process: ChildProcess }> {
  const process = spawn(
    program,
    ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const number = process.stdio[3];
  if (!number) throw new Error('Xvfb has no pipe to name its display');
  const [bytes] = await once(number, 'data', { signal: AbortSignal.timeout(START_MS) });
  return { name: `:${String(bytes).trim()}`, process };
}

/** WebKitWebDriver takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(url: string): Promise<void> {
  const end = Date.now() + START_MS;
  for (;;) {
    const answer = await fetch(`${url}/status`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error(`WebKitWebDriver does not answer at ${url}`);
    await pause(20);
  }
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill('SIGKILL');
  await gone;
}

/** Starts the display and the driver on it. */
export async function startWebKitDriver(found: WebKitGtk): Promise<WebKitDriver> {
  const display = await startDisplay(found.display);
  const port = await freePort();
  // MiniBrowser keeps what it downloads, and a profile, in the user's own folder.
  const home = mkdtempSync(join(tmpdir(), 'sendx-webkit-'));
  const driver = spawn(found.driver, [`--port=${port}`], {
    env: { ...process.env, HOME: home, DISPLAY: display.name, NO_AT_BRIDGE: '1' },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return {
    url,
    async close() {
      await end(driver);
      await end(display.process);
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

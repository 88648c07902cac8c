import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { findBrowser } from './findBrowser.ts';

/** A browser that nobody drives: pages do everything themselves. */
export interface BareBrowser {
  close(): Promise<void>;
}

/** Opens a page in a Chromium without a debugger, which forbids prerendering. */
export function openBareBrowser(address: string): BareBrowser {
  const profile = mkdtempSync(join(tmpdir(), 'sendx-profile-'));
  const program = findBrowser('chromium')?.executablePath ?? chromium.executablePath();
  const flags = ['--headless', '--no-sandbox', '--no-first-run', `--user-data-dir=${profile}`];
  const browser = spawn(program, [...flags, address], { stdio: 'ignore', detached: true });
  return {
    async close() {
      const gone = once(browser, 'exit');
      // A group of its own: the renderers too.
      if (browser.pid) process.kill(-browser.pid, 'SIGKILL');
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

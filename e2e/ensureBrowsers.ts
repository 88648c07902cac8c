// Makes sure that the browsers of the test suite exist: finds them, or installs them.
import { spawnSync } from 'node:child_process';
import { type BrowserName, findBrowser, findWholeChromium } from './findBrowser.ts';

const PACKAGES = { chromium: ['chromium-headless-shell', 'chromium'], firefox: ['firefox-esr'] };

const isThere = (name: BrowserName) =>
  findBrowser(name) && (name !== 'chromium' || findWholeChromium());

const run = (command: string, ...args: string[]): boolean => {
  console.log([command, ...args].join(' '));
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
};

const apt = (name: BrowserName): boolean => {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
  return (
    run(command, ...rest, '-qq', 'update') &&
    run(command, ...rest, '-qq', 'install', '-y', '--no-install-recommends', ...PACKAGES[name])
  );
};

/** Installs what is missing; throws a sentence where that fails. */
export default function ensureBrowsers(names: readonly BrowserName[] = ['chromium']): void {
  for (const name of names) {
    if (isThere(name)) continue;
    if (run('npx', 'playwright', 'install', '--with-deps', name)) continue;
    if (process.platform === 'linux' && apt(name) && isThere(name)) continue;
    throw new Error(
      `No ${name} was found, and none could be installed. ` +
        `Set ${name.toUpperCase()}_PATH to one and run again.`,
    );
  }
}

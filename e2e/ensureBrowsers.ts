// Makes sure that the browsers of the test suite exist: finds them, or installs them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type BrowserName, findBrowser, findWebKitGtk, findWholeChromium } from './findBrowser.ts';

const PACKAGES = {
  chromium: ['chromium-headless-shell', 'chromium'],
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb'],
};

const IS_THERE = {
  chromium: () => findBrowser('chromium') && findWholeChromium(),
  firefox: () => findBrowser('firefox'),
  webkit: () => findWebKitGtk() ?? findBrowser('webkit'),
};

const run = (command: string, ...args: string[]): boolean => {
  console.log([command, ...args].join(' '));
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
};

const isRoot = process.getuid?.() === 0;

const apt = (name: BrowserName): boolean => {
  const sudo = isRoot ? [] : ['sudo', '-n'];
  const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
  return (
    existsSync('/usr/bin/apt-get') &&
    run(command, ...rest, '-qq', 'update') &&
    run(command, ...rest, '-qq', 'install', '-y', '--no-install-recommends', ...PACKAGES[name])
  );
};

const own = (name: BrowserName) => run('npx', 'playwright', 'install', '--with-deps', name);

/** Installs what is missing; throws a sentence where that fails. */
export default function ensureBrowsers(
  names: readonly BrowserName[] = ['chromium', 'firefox', 'webkit'],
): void {
  for (const name of names) {
    // Root's machine is one that was made for the tests: its packages come without a download.
    const ways = isRoot ? [apt, own] : [own, apt];
    const isThere = () => Boolean(IS_THERE[name]());
    if (isThere() || ways.some((way) => way(name) && isThere())) continue;
    throw new Error(
      `No ${name} was found, and none could be installed. ` +
        `Set ${name.toUpperCase()}_PATH to one and run again.`,
    );
  }
}

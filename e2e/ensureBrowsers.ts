// Makes sure that the browsers of the test suite exist: finds them, or installs them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  BROWSER_NAMES,
  type BrowserName,
  findBrowser,
  findWebKitGtk,
  findWholeChromium,
} from './findBrowser.ts';

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

const missing = () => BROWSER_NAMES.filter((name) => !IS_THERE[name]());

const apt = (names: readonly BrowserName[]): void => {
  const sudo = isRoot ? [] : ['sudo', '-n'];
  const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
  const install = (...packages: string[]) =>
    run(command, ...rest, '-qq', 'install', '-y', '--no-install-recommends', ...packages);
  if (!existsSync('/usr/bin/apt-get') || !run(command, ...rest, '-qq', 'update')) return;
  // All in one go takes half the time; a package that the system does not have spoils it for all.
  if (!install(...names.flatMap((name) => PACKAGES[name])))
    for (const name of names) install(...PACKAGES[name]);
};

const own = (names: readonly BrowserName[]): void => {
  for (const name of names) run('npx', 'playwright', 'install', '--with-deps', name);
};

// Root's machine is one that was made for the tests: its packages come without a download.
const WAYS = isRoot ? [apt, own] : [own, apt];

/** Installs what is missing; throws a sentence where that fails. */
export default function ensureBrowsers(): void {
  for (const install of WAYS) {
    const names = missing();
    if (names.length > 0) install(names);
  }
  const names = missing();
  if (names.length > 0)
    throw new Error(
      `No ${names.join(' and no ')} was found, and none could be installed. ` +
        `Set ${names.map((name) => `${name.toUpperCase()}_PATH`).join(', ')} and run again.`,
    );
}

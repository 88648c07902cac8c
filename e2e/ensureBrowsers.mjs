// Makes sure that the browsers of the test suite exist: finds them, or installs them.
import { spawnSync } from 'node:child_process';
import { findBrowser } from './findBrowser.mjs';

const PACKAGES = { chromium: 'chromium', firefox: 'firefox-esr' };

const run = (command, ...args) => {
  console.log([command, ...args].join(' '));
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
};
const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
const apt = (name) => {
  const [command, ...rest] = [...asRoot, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', '-qq'];
  return (
    run(command, ...rest, 'update') &&
    run(command, ...rest, 'install', '-y', '--no-install-recommends', PACKAGES[name])
  );
};

for (const name of ['chromium']) {
  if (findBrowser(name)) continue;
  if (run('npx', 'playwright', 'install', '--with-deps', name)) continue;
  if (process.platform === 'linux' && apt(name) && findBrowser(name)) continue;
  console.error(
    `No ${name} was found or could be installed. Set ${name.toUpperCase()}_PATH to one, then run again.`,
  );
  process.exit(1);
}

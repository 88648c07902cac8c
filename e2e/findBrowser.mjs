import { existsSync } from 'node:fs';
import { chromium, firefox } from 'playwright';

const own = { chromium, firefox };
const system = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr'],
};

/**
 * Launch options for a browser that is on this machine: `CHROMIUM_PATH` or `FIREFOX_PATH` first,
 * then Playwright's own build, then the system's.
 *
 * @param {'chromium' | 'firefox'} name
 * @returns {{ executablePath?: string, channel?: string } | undefined} `undefined` where there is none.
 */
export function findBrowser(name) {
  const named = process.env[`${name.toUpperCase()}_PATH`];
  if (!named && existsSync(own[name].executablePath())) return {};
  const executablePath = [named, ...system[name]].find((path) => path && existsSync(path));
  if (!executablePath) return undefined;
  // A stock Firefox speaks BiDi; without the channel Playwright expects its own patched build.
  return name === 'firefox' ? { channel: 'moz-firefox', executablePath } : { executablePath };
}

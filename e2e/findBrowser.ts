import { existsSync } from 'node:fs';
import { chromium, firefox, webkit } from 'playwright';

/** The browsers that the suite drives, by their names in Playwright. */
export const BROWSER_NAMES = ['chromium', 'firefox', 'webkit'] as const;

/** A browser that the suite drives. */
export type BrowserName = (typeof BROWSER_NAMES)[number];

/** How to start one that is not Playwright's own. */
export interface FoundBrowser {
  readonly executablePath?: string;
  readonly channel?: string;
}

const OWN = { chromium, firefox, webkit };
const SYSTEM = {
  // The shell has no browser interface to run beside the pages: it starts in a fraction of the time.
  chromium: [
    '/usr/bin/chromium-headless-shell',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ],
  firefox: ['/usr/bin/firefox-esr'],
  // Playwright drives no other WebKit than its own.
  webkit: [],
};

/**
 * Launch options for a browser that is on this machine: `CHROMIUM_PATH` or the like first, then
 * Playwright's own build, then the system's. `undefined` where there is none.
 */
export function findBrowser(name: BrowserName): FoundBrowser | undefined {
  const named = process.env[`${name.toUpperCase()}_PATH`];
  if (!named && existsSync(OWN[name].executablePath())) return {};
  const executablePath = [named, ...SYSTEM[name]].find((path) => path && existsSync(path));
  if (!executablePath) return undefined;
  // A stock Firefox speaks BiDi; without the channel Playwright expects its own patched build.
  return name === 'firefox' ? { channel: 'moz-firefox', executablePath } : { executablePath };
}

/** Launch options for a Chromium with all that the headless shell lacks; `undefined` without one. */
export function findWholeChromium(): FoundBrowser | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (!named && existsSync(chromium.executablePath())) return { channel: 'chromium' };
  const [, ...whole] = SYSTEM.chromium;
  const executablePath = [named, ...whole].find((path) => path && existsSync(path));
  return executablePath ? { executablePath } : undefined;
}

/** What drives the system's WebKitGTK: paths of programs. */
export interface WebKitGtk {
  readonly driver: string;
  readonly browser: string;
  readonly display: string;
}

/** The system's WebKitGTK with all that it takes to drive it; `undefined` where a part is missing. */
export function findWebKitGtk(): WebKitGtk | undefined {
  const triplet = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const found = {
    driver: '/usr/bin/WebKitWebDriver',
    browser: `/usr/lib/${triplet}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
    display: '/usr/bin/Xvfb',
  };
  return Object.values(found).every(existsSync) ? found : undefined;
}

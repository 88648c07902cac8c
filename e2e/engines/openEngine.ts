import { type BrowserName, findWebKitGtk } from '../findBrowser.ts';
import type { Engine } from './engine.ts';
import { startPlaywrightEngine } from './playwrightEngine.ts';
import { startWebdriverEngine } from './webdriverEngine.ts';

/** Starts the engine by what this machine has: WebKitGTK before Playwright's own WebKit. */
export function openEngine(name: BrowserName): Promise<Engine> {
  const gtk = name === 'webkit' && findWebKitGtk();
  return gtk ? startWebdriverEngine(gtk) : startPlaywrightEngine(name);
}

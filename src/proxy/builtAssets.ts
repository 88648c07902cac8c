import { readFileSync } from 'node:fs';
import { type Assets, loadAssets } from './http/assets.ts';

/**
 * Loads what the build made for browsers. The build puts this module into a folder of `dist/`, and
 * those files into `dist/` itself.
 *
 * @throws {Error} when the build is missing or incomplete.
 */
export function readBuiltAssets(): Assets {
  const folder = new URL('../', import.meta.url);
  return loadAssets((name) => {
    try {
      return new Uint8Array(readFileSync(new URL(name, folder)));
    } catch {
      return undefined;
    }
  });
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the build made for pages, ready to be put into them. */
export interface Snippet {
  /** The text to paste inline. */
  readonly stub: string;
  /** The text that adds the script, for behind the stub. */
  readonly loader: string;
  /** The script itself. */
  readonly snippet: string;
  /** Of the script's immutable address. */
  readonly version: string;
  /** Of the script, for subresource integrity. */
  readonly integrity: string;
}

/** The part of the build's `manifest.json` that is read here. */
interface Manifest {
  readonly version: string;
  readonly files: Readonly<Record<string, { readonly integrity: string } | undefined>>;
}

/**
 * Reads the browser's part of the build.
 *
 * @param dist - Folder of the build.
 * @param proxy - Origin that serves the script.
 * @throws Error where the build is missing or incomplete.
 */
export async function readSnippet(dist: string, proxy: string): Promise<Snippet> {
  const read = async (name: string): Promise<string> => {
    try {
      return (await readFile(join(dist, name), 'utf8')).trim();
    } catch {
      throw new Error(`The build has no ${name}: run "node build.mjs" first. Nothing was started.`);
    }
  };
  const manifest = JSON.parse(await read('manifest.json')) as Manifest;
  return {
    stub: await read('stub.js'),
    loader: (await read('loader.js')).replace('%SCRIPT%', () => `${proxy}/v1/sendx.js`),
    snippet: await read('sendx.js'),
    version: manifest.version,
    integrity: manifest.files['sendx.js']?.integrity ?? '',
  };
}

import { type Assets, loadAssets } from '../http/assets.ts';

/** The static assets of a Worker, as Cloudflare binds them. */
export interface AssetBinding {
  fetch(url: string): Promise<Response>;
}

/** The host is of no account to the binding. */
const ORIGIN = 'https://assets.local/';

/**
 * Loads the build's script through the binding; no scripts where there is none. Encodings are left
 * to Cloudflare: a Worker that sets `Content-Encoding` has its body encoded once more.
 *
 * @throws {Error} when the build is missing or incomplete.
 */
export async function fetchAssets(binding: AssetBinding | undefined): Promise<Assets> {
  if (binding === undefined) return { version: 'none', files: new Map() };
  const read = async (name: string) => {
    const response = await binding.fetch(ORIGIN + name);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  };
  const manifest = await read('manifest.json');
  const names = manifest === undefined ? [] : namesOf(manifest);
  const files = new Map([['manifest.json', manifest]]);
  for (const name of names) files.set(name, await read(name));
  return loadAssets((name) => files.get(name));
}

function namesOf(manifest: Uint8Array): readonly string[] {
  const { files } = JSON.parse(new TextDecoder().decode(manifest)) as { readonly files: object };
  return Object.keys(files);
}

/** Where the answer to a path lies and what it is. */
export interface SiteFile {
  /** Relative to the site's folder, with forward slashes. */
  readonly path: string;
  /** Value of the `Content-Type` header. */
  readonly type: string;
  /** Whether the file is a template. */
  readonly page: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

// Plain names only: no dot can come first, so neither `..` nor a hidden file, and no `%`, `\` or
// underscore at all, so nothing is left to decode and `_parts` is never an address.
const FOLDER = '(?:[a-z0-9-]+/)*';
const PAGE = new RegExp(`^/(${FOLDER}[a-z0-9-]+)$`);
const INDEX = new RegExp(`^/(${FOLDER})$`);
const ASSET = new RegExp(`^/(${FOLDER}[a-z0-9-]+\\.([a-z0-9]+))$`);

/**
 * Maps a request's path to a file: `/` to `index.html`, `/pricing` to `pricing.html`, `/site.css` to
 * itself.
 *
 * @param path - As it stands in the request, not decoded.
 * @returns `undefined` for every path that is not built of plain names or has an unknown ending.
 */
export function parseSiteFile(path: string): SiteFile | undefined {
  const html = 'text/html; charset=utf-8';
  const page = PAGE.exec(path)?.[1];
  if (page !== undefined) return { path: `${page}.html`, type: html, page: true };
  const folder = INDEX.exec(path)?.[1];
  if (folder !== undefined) return { path: `${folder}index.html`, type: html, page: true };
  const [, asset, extension] = ASSET.exec(path) ?? [];
  const type = extension === undefined ? undefined : TYPES[extension];
  return asset === undefined || type === undefined ? undefined : { path: asset, type, page: false };
}

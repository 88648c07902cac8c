/** One file to serve, with the encodings that were made of it at build time. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly brotli?: Uint8Array<ArrayBuffer>;
  readonly gzip?: Uint8Array<ArrayBuffer>;
  /** Quoted, as the `ETag` header wants it. */
  readonly etag: string;
  /** Subresource Integrity hash of `body`. */
  readonly integrity: string;
}

/** What the build leaves for the browser. */
export interface Assets {
  readonly version: string;
  /** By name, such as `sendx.js`. */
  readonly files: ReadonlyMap<string, Asset>;
}

/** The build's `manifest.json`. */
interface Manifest {
  readonly version: string;
  readonly files: Readonly<Record<string, { readonly integrity: string; readonly etag: string }>>;
}

/** Reads one file of the build; `undefined` if there is none by that name. */
export type ReadAsset = (name: string) => Uint8Array<ArrayBuffer> | undefined;

/**
 * Loads the script and the debug panel into memory.
 *
 * @throws {Error} when the build is missing or incomplete.
 */
export function loadAssets(read: ReadAsset): Assets {
  const manifest = parseManifest(required(read, 'manifest.json'));
  const files = new Map<string, Asset>();
  for (const [name, { integrity, etag }] of Object.entries(manifest.files)) {
    const brotli = read(`${name}.br`);
    const gzip = read(`${name}.gz`);
    files.set(name, {
      body: required(read, name),
      ...(brotli && { brotli }),
      ...(gzip && { gzip }),
      integrity,
      etag,
    });
  }
  return { version: manifest.version, files };
}

function required(read: ReadAsset, name: string): Uint8Array<ArrayBuffer> {
  const bytes = read(name);
  if (bytes === undefined) throw new Error(`The build has no ${name}: run npm run build first.`);
  return bytes;
}

function parseManifest(bytes: Uint8Array): Manifest {
  return JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
}

/** How long a copy may be used without asking. */
export type Freshness = 'evergreen' | 'immutable';

const CACHE_CONTROL = {
  // Ten minutes is how long a broken release stays in browsers after its repair.
  evergreen: 'public, max-age=600, stale-while-revalidate=86400',
  immutable: 'public, max-age=31536000, immutable',
} satisfies Record<Freshness, string>;

/** The part of a request that decides how an asset is answered. */
export interface AssetRequest {
  readonly acceptEncoding: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** Status, headers and bytes of an asset's answer. */
export type AssetAnswer = { readonly headers: Record<string, string> } & (
  | { readonly status: 200; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly status: 304 }
);

/**
 * Answers for one asset. It is public: any page may load it, `*` lets a page with
 * `crossorigin="anonymous"` verify its integrity hash, and the resource policy lets pages under
 * `Cross-Origin-Embedder-Policy` use it.
 */
export function answerAsset(
  asset: Asset,
  freshness: Freshness,
  { acceptEncoding, ifNoneMatch }: AssetRequest,
): AssetAnswer {
  const { encoding, bytes } = encode(asset, acceptEncoding ?? '');
  // A strong ETag names bytes, and each encoding has its own (RFC 9110 section 8.8.1).
  const etag = encoding === undefined ? asset.etag : asset.etag.replace(/"$/, `-${encoding}"`);
  const headers: Record<string, string> = {
    ETag: etag,
    'Cache-Control': CACHE_CONTROL[freshness],
    Vary: 'Accept-Encoding',
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  };
  if (isKnown(ifNoneMatch, etag)) return { status: 304, headers };
  headers['Content-Type'] = 'text/javascript; charset=utf-8';
  headers['Content-Length'] = String(bytes.byteLength);
  if (encoding !== undefined) headers['Content-Encoding'] = encoding;
  return { status: 200, headers, body: bytes };
}

function encode(
  asset: Asset,
  accept: string,
): { readonly encoding: string | undefined; readonly bytes: Uint8Array<ArrayBuffer> } {
  if (asset.brotli && accepts(accept, 'br')) return { encoding: 'br', bytes: asset.brotli };
  if (asset.gzip && accepts(accept, 'gzip')) return { encoding: 'gzip', bytes: asset.gzip };
  return { encoding: undefined, bytes: asset.body };
}

/** RFC 9110 section 12.5.3; `q=0` forbids, other weights do not matter between two that fit. */
function accepts(header: string, encoding: string): boolean {
  return header
    .toLowerCase()
    .split(',')
    .some((entry) => {
      const [name, ...parameters] = entry.split(';').map((part) => part.trim());
      return name === encoding && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
    });
}

/** RFC 9110 section 13.1.2: weak comparison, a list, or `*`. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .map((entry) => entry.trim().replace(/^W\//, ''))
    .some((entry) => entry === etag || entry === '*');
}

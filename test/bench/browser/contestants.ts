import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const packages = createRequire(new URL('../package.json', import.meta.url));

/** One of those that are measured. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  /** How it is set up, where that is not its default, or what it lacks. */
  readonly note: string;
  /** Installs it and `window.bench`; `window.collector` is the address it sends to. */
  readonly script: string;
  /** Bytes of brotli that a page loads before it can identify and track. */
  readonly brotli: number;
}

/** What is known of a peer beside its code in `peers/`. */
const PEERS: Readonly<Record<string, { readonly package?: string; readonly note: string }>> = {
  'A bare fetch': { note: 'one `fetch` with `keepalive` for each call, nothing else' },
  Plausible: {
    package: '@plausible-analytics/tracker',
    note: 'has no identify: an event of that name',
  },
  Snowplow: {
    package: '@snowplow/browser-tracker',
    note: 'structured events; an identify travels with them',
  },
  Segment: {
    package: '@segment/analytics-next',
    note: 'without destinations; chunks loaded later are not counted',
  },
  Jitsu: { package: '@jitsu/js', note: '' },
  Mixpanel: { package: 'mixpanel-browser', note: 'the core build, without recorder' },
  RudderStack: {
    package: '@rudderstack/analytics-js',
    note: 'the bundled build, without destinations',
  },
  PostHog: {
    package: 'posthog-js',
    note: 'the slim build; recorder, surveys, flags and autocapture off',
  },
};

/** Whom this bench cannot measure, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  Umami:
    'its script is not in the registry: the package `umami` is the source of an old server, whose script, unbuilt, has neither `keepalive` nor its present identify',
  'SendX, Matomo, Klaviyo, HubSpot': 'their scripts are not in the registry',
};

/** Bundles everybody for the browsers that this project's own script is built for. */
export async function bundleContestants(): Promise<readonly Contestant[]> {
  const own = read('../../../dist/sendx.js').trim();
  const adapter = await bundle('sendx');
  const { version } = JSON.parse(read('../../../package.json')) as { version: string };
  const note = `in one piece; the stub is ${brotliBytes(read('../../../dist/stub.js'))} bytes more`;
  const contestants: Contestant[] = [
    {
      name: 'sendx-snippet',
      version,
      note,
      script: own + adapter.script,
      brotli: brotliBytes(own + adapter.script),
    },
  ];
  for (const [name, { package: id, note: peerNote }] of Object.entries(PEERS)) {
    const file = name === 'A bare fetch' ? 'fetch' : name.toLowerCase();
    contestants.push({
      name,
      version: id ? versionOf(id) : '',
      note: peerNote,
      ...(await bundle(file)),
    });
  }
  return contestants;
}

async function bundle(file: string): Promise<Pick<Contestant, 'script' | 'brotli'>> {
  const options = {
    entryPoints: [new URL(`../peers/${file}.js`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    target: 'es2020',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none' as const,
    write: false as const,
    logLevel: 'error' as const,
  } satisfies BuildOptions;
  const whole = await build({ ...options, format: 'iife' });
  const split = await build({
    ...options,
    format: 'esm',
    splitting: true,
    outdir: 'out',
    metafile: true,
  });
  const { outputs } = split.metafile;
  const entry =
    Object.keys(outputs).find((path) => outputs[path]?.entryPoint?.endsWith(`peers/${file}.js`)) ??
    '';
  const needed = new Set([entry]);
  for (const path of needed)
    for (const { kind, path: next } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement') needed.add(next);
  const brotli = split.outputFiles
    .filter(({ path }) => [...needed].some((one) => path.endsWith(one)))
    .reduce((sum, { contents }) => sum + brotliCompressSync(contents).length, 0);
  return { script: whole.outputFiles[0]?.text.trim() ?? '', brotli };
}

const brotliBytes = (text: string) => brotliCompressSync(text).length;

function versionOf(id: string): string {
  const folder = packages.resolve.paths(id)?.[0];
  return (JSON.parse(readFileSync(`${folder}/${id}/package.json`, 'utf8')) as { version: string })
    .version;
}

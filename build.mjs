// Builds everything into dist/, and refuses what is over its budget.
//   node build.mjs            all of it
//   node build.mjs --types    the declarations of the package's exports as well
//   node build.mjs --costs    and prints what each stage of sendx.js costs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, transformSync } from 'esbuild';
import { minify } from 'terser';

const { version, exports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Bytes at most. Ratcheted: lower a bound when the code shrinks, never raise one unasked. */
const BUDGETS = {
  'sendx.js': { brotli: 4478 },
  'stub.js': { gzip: 400 },
  'debug.js': { brotli: 8192 },
};

/**
 * Members that stages share among themselves: shortened. None of them is on the wire, in storage,
 * in the page's API or in the DOM; a name that is must never be added.
 */
const INTERNAL =
  /^(outbox|busy|storage|transport|entries|own|keep|choose|schedule|resume|leave|settled|beacon|draft|bytes|afterMs|refused|text|emit|open|key|report)$/;

/** The same, of the debug panel's files. */
const PANEL =
  /^(readCalls|explain|summarize|headlineOf|readMessages|readVisitor|readDue|readForms|isForbidden|headline|hasEndpoint|summary|step|trouble|expected|mild|visitor|address|verdict|rows|doubt|field|control|isRead|fieldOf|readForm|tellStatus|calls|earlier|keep|trail|element|outbox|onCheck|text|forms|fields|show|tone|payload)$/;

const TERSER = {
  ecma: 2020,
  // Nothing of ours is called with `new` or looks at `this`.
  compress: { passes: 3, toplevel: true, unsafe_arrows: true },
  mangle: { toplevel: true },
};

const browser = {
  legalComments: 'none',
  metafile: true,
  write: false,
  // The base configuration would have esbuild add "use strict".
  tsconfigRaw: {},
};

/** Custom properties of the panel's style sheet, each by the letter that stands for it. */
const letters = new Map();
const letterOf = (name) => {
  if (!letters.has(name)) letters.set(name, `--${String.fromCharCode(97 + letters.size)}`);
  return letters.get(name);
};

/** Shortens the panel's style sheet, which to a minifier of scripts is a text like any other. */
const shortStyle = {
  name: 'short style',
  setup: ({ onLoad }) =>
    onLoad({ filter: /debug\/style\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(/(?<=`)[^`]+/, (css) =>
        transformSync(css, { loader: 'css', minify: true })
          .code.replace(/--[a-z-]+/g, letterOf)
          // esbuild keeps the space before a custom property's value, which is no part of it.
          .replace(/: /g, ':'),
      ),
    })),
};

/** What a page loads or pastes, each with its own entry. */
const scripts = [
  // ES2020: what browsers with keepalive, the floor of reliable delivery, all understand.
  {
    name: 'sendx.js',
    entry: 'src/snippet/index.ts',
    bundle: true,
    format: 'iife',
    target: 'es2020',
    mangleProps: INTERNAL,
    minifySyntax: true,
    // Without them brotli finds more to repeat, in this script alone.
    sequences: false,
  },
  // Loaded on demand. What it reads of `window.sendx.debug` keeps its name.
  {
    name: 'debug.js',
    entry: 'src/snippet/debug.ts',
    bundle: true,
    format: 'iife',
    target: 'es2020',
    mangleProps: PANEL,
    minifySyntax: true,
    plugins: [shortStyle],
  },
  { name: 'stub.js', entry: 'src/snippet/stub.ts', target: 'es5', minify: true },
  { name: 'loader.js', entry: 'src/snippet/loader.ts', target: 'es5', minify: true },
];

/** Programs and exports that run on a server. */
const programs = [
  'proxy/node',
  'proxy/server',
  'proxy/worker',
  'proxy/sendx/client',
  'emulator/node',
  'emulator/server',
];

/** By how many bytes of brotli the script shrinks when one stage is left out of it, most first. */
async function costsOf(text, brotli, shrink) {
  // Above each file's part of a bundle esbuild writes its path; without the last two, tracker.ts and
  // its start, nothing runs: theirs is the rest, and so is what stages have in common.
  const parts = text.split(/^ *\/\/ (?=src\/\S+\.ts$)/m).slice(1, -2);
  const costs = [];
  for (const part of parts) {
    const [path] = part.split('\n', 1);
    const less = brotliCompressSync(await shrink(text.replace(part, '')));
    costs.push({ path, bytes: brotli - less.length });
  }
  const rest = costs.reduce((left, { bytes }) => left - bytes, brotli);
  costs.push({ path: 'src/snippet/tracker.ts', bytes: rest });
  return costs.toSorted((one, other) => other.bytes - one.bytes);
}

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');

const files = {};
const costs = [];
for (const { name, entry, sequences = true, ...options } of scripts) {
  const { outputFiles, metafile } = await build({ ...browser, entryPoints: [entry], ...options });
  // Without a format esbuild keeps the module's empty export, which a plain script may not hold.
  const text = outputFiles[0].text.replace(/export\{\};?\s*$/, '').trim();
  const foreign = Object.keys(metafile.inputs).filter(
    (path) => !/^src\/(snippet\/|protocol\.ts)/.test(path),
  );
  if (foreign.length > 0) throw new Error(`${name} must not contain ${foreign.join(', ')}`);
  // Terser inlines the stages into one another: 4 % less after brotli than esbuild's own. Not for
  // what is pasted: there it would spill variables into the page.
  const shrink = async (whole) => {
    const compress = { ...TERSER.compress, sequences };
    const { code } = options.bundle
      ? await minify(whole, { ...TERSER, compress })
      : { code: whole };
    return Buffer.from(code);
  };
  const body = await shrink(text);
  const packed = { br: brotliCompressSync(body), gz: gzipSync(body, { level: 9 }) };
  writeFileSync(`dist/${name}`, body);
  for (const [ending, bytes] of Object.entries(packed))
    writeFileSync(`dist/${name}.${ending}`, bytes);
  files[name] = {
    bytes: body.length,
    gzip: packed.gz.length,
    brotli: packed.br.length,
    integrity: `sha384-${createHash('sha384').update(body).digest('base64')}`,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`,
  };
  const { bytes, gzip, brotli: br } = files[name];
  console.log(`${name.padEnd(9)} ${bytes} bytes, gzip ${gzip}, brotli ${br}`);
  for (const [measure, most] of Object.entries(BUDGETS[name] ?? {}))
    if (files[name][measure] > most)
      throw new Error(
        `${name}: ${files[name][measure]} bytes ${measure}, over the budget of ${most}`,
      );
  if (name === 'sendx.js') costs.push(...(await costsOf(text, br, shrink)));
}
if (process.argv.includes('--costs'))
  for (const { path, bytes } of costs) console.log(`${`${bytes}`.padStart(6)}  ${path}`);
writeFileSync('dist/costs.json', JSON.stringify(costs));
writeFileSync('dist/manifest.json', `${JSON.stringify({ version, files }, undefined, 2)}\n`);

await build({
  entryPoints: ['src/snippet/module.ts'],
  outfile: 'dist/snippet/module.js',
  bundle: true,
  format: 'esm',
  target: 'es2020',
});

const server = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  outdir: 'dist',
};
await build({ ...server, outbase: 'src', entryPoints: programs.map((path) => `src/${path}.ts`) });
await build({ ...server, splitting: false, outbase: '.', entryPoints: ['demo/start.ts'] });
for (const program of ['proxy/node', 'emulator/node']) chmodSync(`dist/${program}.js`, 0o755);

if (process.argv.includes('--types')) {
  for (const side of ['snippet', 'proxy', 'emulator'])
    execFileSync(
      'npx',
      [
        'tsc',
        '-p',
        `src/${side}/tsconfig.json`,
        '--noEmit',
        'false',
        '--declaration',
        '--emitDeclarationOnly',
        '--rootDir',
        'src',
        '--outDir',
        'dist',
        '--rewriteRelativeImportExtensions',
      ],
      { stdio: 'inherit' },
    );
  // Of the declarations only those stay that the package's exports lead to.
  const reached = new Set(Object.values(exports).flatMap(({ types }) => types.replace('./', '')));
  for (const path of reached)
    for (const [, to] of readFileSync(path, 'utf8').matchAll(/(?:from|import) ?\(?['"](\.[^'"]+)/g))
      reached.add(join(dirname(path), to.replace(/\.ts$/, '.d.ts')));
  for (const path of readdirSync('dist', { recursive: true }).map((one) => join('dist', one)))
    if (path.endsWith('.d.ts') && !reached.has(path)) rmSync(path);
}

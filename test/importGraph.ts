import { readdirSync, readFileSync } from 'node:fs';
import { build, transform } from 'esbuild';

const ROOT = new URL('..', import.meta.url).pathname;

/** One import that is left when the types are erased. */
export interface Import {
  readonly from: string;
  /** A source file's path as in `from`, else a package or a `node:` module. */
  readonly to: string;
  /** What is taken by name; empty for `import()` and for whole modules. */
  readonly names: readonly string[];
}

/** Source files below `src`, their paths relative to the repository. */
export const sourceFiles: readonly string[] = readdirSync(`${ROOT}src`, {
  recursive: true,
  encoding: 'utf8',
})
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.ts'))
  .sort();

/** Text of a file, its path relative to the repository. */
export const readText = (path: string): string => readFileSync(ROOT + path, 'utf8');

/** Reads what every source file imports, as esbuild resolves it, with every file as an entry. */
export async function readImports(): Promise<readonly Import[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...sourceFiles],
    outdir: 'unwritten',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  const all: Import[] = [];
  for (const [from, { imports }] of Object.entries(metafile.inputs)) {
    const names = imports.length > 0 ? await readNames(from) : new Map<string, string[]>();
    for (const { path, original = path } of imports)
      all.push({ from, to: path, names: names.get(original) ?? [] });
  }
  return all;
}

/** Names by the module they are imported from, read from the JavaScript that esbuild prints. */
async function readNames(file: string): Promise<Map<string, string[]>> {
  // As the compiler's `verbatimModuleSyntax`: without it names that are never used would be gone.
  const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
  const { code } = await transform(readText(file), { loader: 'ts', tsconfigRaw });
  const names = new Map<string, string[]>();
  for (const [, list = '', module = ''] of code.matchAll(/^import \{([^}]*)\} from "(.+)";$/gm))
    names.set(
      module,
      list.split(',').flatMap((name) => name.trim().split(' as ')[0] || []),
    );
  return names;
}

/** Everything that is loaded with a file, itself included. */
export function closure(imports: readonly Import[], file: string): ReadonlySet<string> {
  const found = new Set([file]);
  for (const one of found) for (const { from, to } of imports) if (from === one) found.add(to);
  return found;
}

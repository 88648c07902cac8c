import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Bundles a file as an edge runtime would take it: no Node behind it. */
async function bundle(entry: string) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['worker', 'import'],
    logLevel: 'silent',
  });
  return { inputs: Object.keys(metafile.inputs), code: outputFiles[0]?.text ?? '' };
}

describe('the public port', () => {
  test('is made of nothing that only Node has', async () => {
    const { inputs, code } = await bundle('src/proxy/app.ts');
    expect(code).not.toMatch(/["']node:|require\(|\bprocess\.|\bBuffer\b/);
    const packages = inputs.flatMap(
      (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    );
    expect([...new Set(packages)].sort()).toEqual(['hono', 'valibot']);
  });

  test('compiles no code from strings, which edges forbid', async () => {
    const { code } = await bundle('src/proxy/app.ts');
    expect(code).not.toMatch(/new Function|\beval\(/);
  });

  test('reads its settings without Node', async () => {
    const { inputs, code } = await bundle('src/proxy/settings.ts');
    expect(code).not.toMatch(/["']node:|\bprocess\.|\bBuffer\b/);
    expect(inputs.some((path) => path.includes('node_modules'))).toBe(false);
  });
});

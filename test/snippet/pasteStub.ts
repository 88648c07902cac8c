import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';

const { code } = transformSync(
  readFileSync(new URL('../../src/snippet/stub.ts', import.meta.url), 'utf8'),
  { loader: 'ts', target: 'es5', minify: true },
);

/** The stub as a page gets it; the empty export of its module is not for a plain script. */
const STUB = code.replace(/export\s*\{\s*\};?\s*$/, '');

/** Runs the stub with `window` for its global scope. */
export function pasteStub(window: object): void {
  new Function('window', `with (window) { ${STUB} }`)(window);
}

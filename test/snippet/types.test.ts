import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

/** What a site's own declarations add. */
const DECLARATIONS = `
  interface SendxCustomFields { Plan: 'Free' | 'Pro'; Seats: number }
  interface SendxTags { newsletter: true; [viewed: \`viewed-\${string}\`]: true }`;

/** What the compiler says of each of `calls` on such a site; nothing of those that compile. */
async function complaints(calls: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'sendx-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'site.d.ts'), DECLARATIONS);
  const lines = [`import { sendx } from '${ROOT}src/snippet/module.ts';`, ...calls];
  writeFileSync(join(folder, 'page.ts'), lines.join('\n'));
  const options =
    '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --pretty false ' +
    '--allowImportingTsExtensions --target es2022 --module nodenext --lib es2022,dom,dom.iterable';
  const { stdout } = await promisify(execFile)(
    join(ROOT, 'node_modules/.bin/tsc'),
    [...options.split(' '), 'site.d.ts', 'page.ts'],
    { cwd: folder },
  ).catch((error: { readonly stdout: string }) => error);
  const said = new Map<string, string>();
  for (const text of stdout.split(/\n(?=\S)/).filter(Boolean)) {
    const line = lines[Number(/^page\.ts\((\d+),/.exec(text)?.[1]) - 1];
    if (line === undefined) throw new Error(text);
    said.set(line, `${said.get(line) ?? ''}${text}`);
  }
  return said;
}

it('knows the custom fields and tags that a site declares, and no others', async () => {
  const right = [
    "sendx('identify', { customFields: { Plan: 'Pro', Seats: 3 }, tags: ['newsletter'] });",
    "sendx('identify', { customFields: { Seats: '++2', Plan: undefined } });",
    "sendx('track', { addTags: ['viewed-pricing', 'newsletter'], removeTags: 'newsletter' });",
    "window.sendx('track', { addTags: ['newsletter'] });",
    "globalThis.sendx('track', { addTags: ['newsletter'] });",
  ];
  const wrong = [
    "sendx('identify', { customFields: { Plan: 'Gold' } });",
    "sendx('identify', { customFields: { Plan: '++1' } });",
    "sendx('identify', { customFields: { Seats: 'many' } });",
    "sendx('identify', { customFields: { Colour: 'red' } });",
    "sendx('identify', { tags: ['newsleter'] });",
    "sendx('track', { addTags: ['newsletter', 'visited-pricing'] });",
    "window.sendx('track', { removeTags: ['lead'] });",
  ];
  expect([...(await complaints([...right, ...wrong])).keys()]).toEqual(wrong);
});

it('is explained by what is wrong with a call, not by another command', async () => {
  const calls = {
    "sendx('identify', { customFields: { Plan: 'Gold' } });": '"Gold"',
    "sendx('track', { addTags: ['newsleter'] });": '"newsleter"',
    "sendx('identify', { customField: {} });": "'customField' does not exist",
    "sendx('consent', 'yes');": '"yes"',
    "sendx('subscribe');": '"subscribe"',
  };
  const said = await complaints(Object.keys(calls));
  for (const [call, reason] of Object.entries(calls)) expect(said.get(call)).toContain(reason);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { variables } from '../../src/proxy/settings/variables.ts';
import { parseSettings } from '../../src/proxy/settings.ts';
import { readDeployed } from './webServer.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const FOLDER = join(ROOT, 'src/proxy/deploy');
const readme = readDeployed('README.md');
const { name, bin, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const blocks = [...readme.matchAll(/^```sh\n([\s\S]+?)^```$/gm)].map(([, block = '']) => block);

test('links to files that exist, and leaves none of its folder out', () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to);
  for (const to of links) expect(existsSync(join(FOLDER, to)), to).toBe(true);
  const files = readdirSync(FOLDER).filter((file) => file !== 'README.md');
  const linked = links.map((to) => to.replace(/\/$/, ''));
  expect(files.filter((file) => !linked.includes(file))).toEqual([]);
});

test('names paths and exports of the package as they are', () => {
  for (const [, path = ''] of readme.matchAll(/node_modules\/sendx-snippet\/(\S+)/g))
    expect(existsSync(join(ROOT, path)), path).toBe(true);
  for (const [, program = ''] of readme.matchAll(/(?:npx|\.bin\/)\s?(sendx-\w+)/g))
    expect(Object.keys(bin)).toContain(program);
  for (const [, key = ''] of readme.matchAll(new RegExp(`'${name}(/\\w+)'`, 'g')))
    expect(Object.keys(exports)).toContain(`.${key}`);
});

test('sets only what the proxy knows, to what it takes', () => {
  const settings = blocks.filter((block) => block.startsWith('ALLOWED_ORIGINS='));
  expect(settings).toHaveLength(2);
  const known = Object.values(variables).map((variable) => variable.name);
  for (const env of settings.map((block) => parseEnv(block) as Record<string, string>)) {
    expect(Object.keys(env).filter((key) => !known.includes(key))).toEqual([]);
    const whole = { SENDX_API_KEY: 'a-key', ALLOWED_TAGS: '*', ...env };
    expect(parseSettings(whole, () => '')).toHaveProperty('settings');
  }
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Cost {
  readonly path: string;
  readonly bytes: number;
}

/** Bytes may be below none: brotli packs some shapes better with a few letters more. */
const ROW = /^\| \[(\S+)\]\(\1\) \| -?[\d,]+ \| (.+) \|$/gm;

const costs = JSON.parse(read('dist/costs.json')) as readonly Cost[];
const table = read('src/snippet/WEIGHT.md');
const reasons = new Map([...table.matchAll(ROW)].map(([, file, reason]) => [file, reason]));
const fileOf = ({ path }: Cost) => path.replace('src/snippet/', '');

it('each stage in the bundle has a reason to be there, and the reasons are of stages', () => {
  expect([...reasons.keys()].sort()).toEqual(costs.map(fileOf).sort());
});

it('the stages together weigh what the bundle does', () => {
  const { files } = JSON.parse(read('dist/manifest.json'));
  expect(costs.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(files['sendx.js'].brotli);
});

it('WEIGHT.md states what the build measured ("npm run unit -- test/snippet/weight.test.ts -u" writes it)', async () => {
  const rows = costs.map((cost) => {
    const file = fileOf(cost);
    return `| [${file}](${file}) | ${cost.bytes.toLocaleString('en-US')} | ${reasons.get(file)} |\n`;
  });
  const current = table.replace(/(?<=\n\|---\|---\|---\|\n)(?:\|.*\n)*/, () => rows.join(''));
  await expect(current).toMatchFileSnapshot('../../src/snippet/WEIGHT.md');
});

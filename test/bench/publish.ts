import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { plotSnippet, snippetBlock, snippetReport } from './browser/report.ts';
import type { SnippetResults } from './browser/results.ts';
import { plotProxy, proxyBlock, proxyReport } from './servers/report.ts';
import type { ProxyResults } from './servers/results.ts';
import { SHARE } from './turns.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const FOLDER = 'test/bench/results';
const read = (path: string) => readFileSync(ROOT + path, 'utf8');

/** The figures of each bench. */
export interface Results {
  readonly snippet: SnippetResults;
  readonly proxy: ProxyResults;
}

/** What a bench's figures make of a file. */
export interface Derived {
  readonly path: string;
  readonly text: string;
}

/** Where the README shows a bench. */
const blockOf = (name: keyof Results) =>
  new RegExp(`(?<=<!-- bench:${name} -->\\n)[\\s\\S]*?(?=<!-- /bench:${name} -->)`);

/**
 * The report, the plot and the README, as figures have them.
 *
 * @param figures - By default those in `results/`.
 */
export function derive(
  name: keyof Results,
  figures: unknown = JSON.parse(read(`${FOLDER}/${name}.json`)),
): readonly Derived[] {
  const [report, plot, block] =
    name === 'snippet'
      ? textsOf(figures as SnippetResults, [snippetReport, plotSnippet, snippetBlock])
      : textsOf(figures as ProxyResults, [proxyReport, plotProxy, proxyBlock]);
  const readme = read('README.md');
  if (!blockOf(name).test(readme)) throw new Error(`README.md has no place for bench:${name}`);
  return [
    { path: `${FOLDER}/${name}.md`, text: report },
    { path: `${FOLDER}/${name}.svg`, text: plot },
    { path: 'README.md', text: readme.replace(blockOf(name), () => block) },
  ];
}

type Maker<Figures> = (figures: Figures) => string;

const textsOf = <Figures>(
  figures: Figures,
  [report, plot, block]: readonly [Maker<Figures>, Maker<Figures>, Maker<Figures>],
) => [report(figures), plot(figures), block(figures)] as const;

/** Prints the report and, unless this is a trial, writes all of it and shows it in the README. */
export function publish<Name extends keyof Results>(name: Name, results: Results[Name]): void {
  const derived = derive(name, JSON.parse(JSON.stringify(results)));
  process.stdout.write(`${derived[0]?.text}\n`);
  if (SHARE < 1) return;
  const path = `${FOLDER}/${name}.json`;
  writeFileSync(ROOT + path, JSON.stringify(results));
  execFileSync('npx', ['biome', 'format', '--write', path], { cwd: ROOT, stdio: 'ignore' });
  for (const { path: file, text } of derived) writeFileSync(ROOT + file, text);
}

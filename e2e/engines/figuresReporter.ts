import { readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestResult } from 'playwright/types/testReporter';
import { DEPARTURES } from './departures.ts';
import { type Figure, noted } from './figures.ts';

/** What the README's table is made of. */
const FILE = new URL('figures.json', import.meta.url);

/** Calls behind a figure that is worth keeping. */
const ENOUGH = 100;

const PRODUCTS = ['Chromium', 'Firefox', 'WebKit'];

/** Keeps what a long run finds; of what it did not try, what an earlier one found. */
export default class FiguresReporter implements Reporter {
  readonly #found: Figure[] = [];

  onTestEnd(_: TestCase, { annotations, status }: TestResult): void {
    const figure = noted(annotations);
    if (figure && figure.said >= ENOUGH && status === 'passed') this.#found.push(figure);
  }

  onEnd(): void {
    if (!this.#found.length) return;
    const versions = this.#found.map(({ engine }) => engine);
    const productOf = (engine: string) => PRODUCTS.find((product) => engine.startsWith(product));
    const isOld = ({ engine }: Figure) =>
      versions.some((one) => productOf(one) === productOf(engine) && one !== engine);
    const earlier = (JSON.parse(readFileSync(FILE, 'utf8')) as Figure[]).filter(
      (figure) => !isOld(figure),
    );
    const kept = DEPARTURES.flatMap(({ name }) =>
      PRODUCTS.flatMap(
        (product) =>
          [...this.#found, ...earlier].find(
            ({ departure, engine }) => departure === name && productOf(engine) === product,
          ) ?? [],
      ),
    );
    writeFileSync(FILE, `${JSON.stringify(kept, undefined, 2)}\n`);
    console.log('Kept the figures; "npm run unit -- test/readme.test.ts -u" shows them.');
  }
}

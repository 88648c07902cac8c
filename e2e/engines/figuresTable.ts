import type { Figure } from './figures.ts';

const share = (part: number, whole: number): string => {
  const percent = (100 * part) / whole;
  // Short of all is not to be rounded to all.
  return `${percent === 100 ? percent : Math.min(percent, 99.9).toFixed(1)} %`;
};

const cell = ({ said, before, after }: Figure): string =>
  `${share(before, said)} → ${share(after, said)}`;

/** The README's table: a row for each way to leave, a column for each engine. */
export function figuresTable(figures: readonly Figure[]): string {
  const engines = [...new Set(figures.map(({ engine }) => engine))];
  const departures = [...new Set(figures.map(({ departure }) => departure))];
  const rows = departures.map((name) => [
    name,
    ...engines.map((one) => {
      const figure = figures.find(({ departure, engine }) => departure === name && engine === one);
      return figure ? cell(figure) : '';
    }),
  ]);
  const rule = ['', ...engines].map(() => '---');
  return [['Leaving by', ...engines], rule, ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

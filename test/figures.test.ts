import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEPARTURES } from '../e2e/engines/departures.ts';
import type { Figure } from '../e2e/engines/figures.ts';
import { figuresTable } from '../e2e/engines/figuresTable.ts';

const path = new URL('../e2e/engines/figures.json', import.meta.url);
const figures = JSON.parse(readFileSync(path, 'utf8')) as readonly Figure[];

describe('the figures of leaving', () => {
  it('are there for each way to leave in each of three engines, of 50 visitors with two calls each', () => {
    const engines = new Set(figures.map(({ engine }) => engine));
    expect([...engines].map((engine) => engine.split(' ')[0]?.slice(0, 6)).sort()).toEqual([
      'Chromi',
      'Firefo',
      'WebKit',
    ]);
    const wanted = DEPARTURES.flatMap(({ name }) =>
      [...engines].map((engine) => `${name}: ${engine}`),
    );
    expect(figures.map(({ departure, engine }) => `${departure}: ${engine}`)).toEqual(wanted);
    for (const { said } of figures) expect(said).toBeGreaterThanOrEqual(100);
  });

  it.each(figures)('show all after the next page, nothing twice: $departure, $engine', (figure) => {
    expect(figure).toMatchObject({ after: figure.said, twice: 0 });
    expect(figure.before).toBeLessThanOrEqual(figure.said);
  });
});

describe('the table of figures', () => {
  const figure = { departure: 'link', said: 1000, before: 1000, after: 1000, twice: 0 };

  it('shows what was there before and after the next page', () => {
    expect(
      figuresTable([
        { ...figure, engine: 'One 1.0', before: 905 },
        { ...figure, engine: 'Two 2.0' },
      ]),
    ).toBe(
      '| Leaving by | One 1.0 | Two 2.0 |\n| --- | --- | --- |\n| link | 90.5 % → 100 % | 100 % → 100 % |\n',
    );
  });

  it('never rounds up to all', () => {
    const table = figuresTable([
      { ...figure, engine: 'One 1.0', said: 100_000, before: 99_999, after: 100_000 },
    ]);
    expect(table).toContain('| 99.9 % → 100 % |');
  });
});

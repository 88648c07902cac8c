import { spreadOf } from '../spread.ts';
import { inTurns } from '../turns.ts';
import type { RateRow } from './results.ts';

/** Measures each in turns; the proxy comes first. Resolves to the rows, and the rounds there were. */
export async function measureRates(
  what: string,
  seconds: number,
  measures: Readonly<Record<string, () => Promise<number>>>,
): Promise<readonly [readonly RateRow[], number]> {
  const found = new Map(Object.keys(measures).map((name) => [name, [] as number[]]));
  const rounds = await inTurns(what, seconds, Object.entries(measures), async ([name, measure]) => {
    found.get(name)?.push(await measure());
  });
  return [rowsOf(found), rounds];
}

/**
 * Compares within each round, where the machine was the same for both.
 *
 * @param found - Rates of each round, the proxy's first.
 */
export function rowsOf(found: ReadonlyMap<string, readonly number[]>): readonly RateRow[] {
  const [own = []] = found.values();
  return [...found].map(([name, rates]) => ({
    name,
    perSecond: spreadOf(rates),
    ratio: spreadOf(rates.map((rate, round) => (own[round] ?? Number.NaN) / rate)),
  }));
}

/** A median, with the quartiles on both sides of it. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Half of the samples lie between `low` and `high`. Three significant digits: more is noise. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (share: number) =>
    Number((sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN).toPrecision(3));
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

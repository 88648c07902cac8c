/** How much of its time a bench takes: 1 unless `BENCH_SHARE` says less, to try it out. */
export const SHARE = Number(process.env.BENCH_SHARE ?? 1);

/**
 * Measures all contestants again and again until the time is over, each round beginning with the
 * next of them, so that whatever else the machine does meets each alike. Two rounds at least.
 *
 * @returns how many rounds there were.
 */
export async function inTurns<One>(
  what: string,
  seconds: number,
  contestants: readonly One[],
  measure: (contestant: One) => Promise<void>,
): Promise<number> {
  const until = performance.now() + seconds * SHARE * 1_000;
  let round = 0;
  for (; round < 2 || performance.now() < until; round += 1)
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(round + turn) % contestants.length];
      if (contestant !== undefined) await measure(contestant);
    }
  process.stdout.write(
    `${what}: ${round} rounds, ${Math.round(performance.now() / 1_000)} s so far\n`,
  );
  return round;
}

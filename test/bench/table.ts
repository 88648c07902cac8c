import type { Machine } from './machine.ts';
import type { Spread } from './spread.ts';

/** A Markdown table. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map((_, column) => (column === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');

/** A number as the tables have it: no more digits than were measured. */
export const figure = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

/** A median and its quartiles, or the one value that was always measured. */
export const spread = ({ median, low, high }: Spread): string =>
  low === high ? figure(median) : `${figure(median)} (${figure(low)}–${figure(high)})`;

/** When and where something was measured. */
export const machineLine = ({ date, cores, memoryGiB, platform, node }: Machine): string =>
  `${date}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}`;

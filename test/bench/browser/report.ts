import { type Bars, plotBars } from '../plot.ts';
import { figure, machineLine, spread, table } from '../table.ts';
import { SLOWED } from './cost.ts';
import type { SnippetResults, SnippetRow } from './results.ts';

const where = ({ machine, chromium }: SnippetResults) =>
  `${machineLine(machine)}, Chromium ${chromium}`;

const share = (count: number, of: number) => `${Math.round((100 * count) / of)} %`;

/** The table of the README. */
export function snippetBlock(results: SnippetResults): string {
  const { submits } = results.rounds;
  const rows = results.contestants.map((one) => [
    one.name,
    figure(one.brotli),
    figure(one.install.median),
    figure(one.busy.median),
    (['1', '20', '1000'] as const).map((number) => figure(one.calls[number].median)).join(' / '),
    figure(one.whole.median),
    `${figure(one.requests.median)} + ${figure(one.preflights.median)}`,
    figure(one.longTasks.median),
    [one.alone, one.revisited, one.outage].map((count) => share(count, submits)).join(' / '),
  ]);
  const heads = [
    '',
    'Bytes, brotli',
    'Install, ms',
    '1 + 20 calls, ms',
    'A call of 1 / 20 / 1,000, µs',
    'Of 1,000 with what is put off, µs',
    'Requests + preflights of 1 + 20',
    'Long tasks',
    'Arrived after 5 s / the next page / an outage',
  ];
  return `${table(heads, rows)}
Medians of one run in turns (${where(results)}; the script \`bench\`). Bytes with the bench's own few lines for each; install, the main thread's work for an identify with 20 tracks, and long tasks with the CPU slowed ${SLOWED} times; arrived: identify and track of a submit handler whose form leaves the page at once. How each was set up, spreads and more: [the report](test/bench/results/snippet.md).

![Bars: bytes, install, main thread, arrival](test/bench/results/snippet.svg)
`;
}

/** Everything that was measured, and how. */
export function snippetReport(results: SnippetResults): string {
  const { rounds, contestants, leftOut } = results;
  const rows = (cells: (one: SnippetRow) => readonly string[]) =>
    contestants.map((one) => [one.name, ...cells(one)]);
  return `# The snippet beside its peers

${where(results)}. Medians, in parentheses the quartiles. All were measured in one run and in turns, each time in a fresh browser profile, so compare within a table and not with another run.

## Who

${table(
  ['', 'Version', 'Bytes, brotli 11', 'As it was set up'],
  rows((one) => [one.version, figure(one.brotli), one.note]),
)}
Each is the file of its name in [\`peers/\`](../peers), bundled by esbuild for ES2020: its packages at their defaults but for what the file says. Bytes are those of the chunks that a page needs before it can identify and track, that file included.

Not measured:
${Object.entries(leftOut)
  .map(([name, reason]) => `\n- ${name}: ${reason}.`)
  .join('')}

## The main thread, CPU slowed ${SLOWED} times (${rounds.visits} visits each)

${table(
  [
    '',
    'Evaluate and install, ms',
    'All tasks within 1 s of identify and 20 tracks, ms',
    'Tasks over 50 ms',
    'Heap of the page, kB',
  ],
  rows((one) => [spread(one.install), spread(one.busy), spread(one.longTasks), spread(one.heap)]),
)}
The script stands in the page, its text never seen before: parsed, compiled and run. What a library does later than a second after the calls is not in the second column.

## A call, µs until it returns (${rounds.calls} visits each, ${rounds.thousands} for 1,000)

${table(
  [
    '',
    'The first track',
    'Each of 20 in one task',
    'Each of 1,000 in one task',
    'The same with all tasks of the next second',
  ],
  rows((one) => [
    spread(one.calls[1]),
    spread(one.calls[20]),
    spread(one.calls[1000]),
    spread(one.whole),
  ]),
)}
Some put the work off, what they store for one: the last column has it, and "All tasks" above.

## Identify and 20 tracks in one task, to another origin (${rounds.wires} times each)

${table(
  [
    '',
    'Requests',
    'Preflights',
    'Bytes sent',
    'Writes to localStorage',
    'Before the last call returned',
    'Characters there at most',
    'At the end',
  ],
  rows((one) => [
    spread(one.requests),
    spread(one.preflights),
    spread(one.sent),
    spread(one.writes),
    spread(one.early),
    spread(one.most),
    spread(one.left),
  ]),
)}
All 20 tracks arrived from everybody. Bytes include the headers of HTTP/1.1.

## A form that leaves the page as its handler identifies and tracks (${rounds.submits} times each)

${table(
  [
    '',
    'Arrived after 5 s',
    'After one more page of the site',
    'After that, where the network was dead until then',
  ],
  rows((one) =>
    [one.alone, one.revisited, one.outage].map((count) => `${count} of ${rounds.submits}`),
  ),
)}
A round trip of 100 ms. The page behind the form does not have the script; the one more page has it, makes a call of its own, and is looked at for 5 s: some take up what earlier pages left only after 10 s or more, and count as not arrived. Both the address and the track must have arrived.
`;
}

/** The figures that a glance may compare. */
export function plotSnippet({ contestants, rounds }: SnippetResults): string {
  const bars = (title: string, value: (one: SnippetRow) => number): Bars => ({
    title,
    rows: contestants.map((one) => ({ name: one.name, value: value(one) })),
  });
  const percent = (count: number) => Math.round((100 * count) / rounds.submits);
  return plotBars(
    'The snippet beside its peers',
    [
      bars('Bytes of brotli', ({ brotli }) => brotli),
      bars(`Evaluate and install, ms (CPU slowed ${SLOWED}x)`, ({ install }) => install.median),
      bars(`Main thread for 1 + 20 calls, ms (CPU slowed ${SLOWED}x)`, ({ busy }) => busy.median),
      bars('Calls of a leaving submit that arrived within 5 s, %', ({ alone }) => percent(alone)),
      bars('The same after an outage and one more page, %', ({ outage }) => percent(outage)),
      bars(
        'Requests and preflights of 1 + 20 calls',
        (one) => one.requests.median + one.preflights.median,
      ),
    ],
    'sendx-snippet',
  );
}

import { plotCurves } from '../plot.ts';
import { figure, machineLine, spread, table } from '../table.ts';
import type { GrowthRow, ProxyResults, RateRow } from './results.ts';
import { DRAINED, RECIPIENTS, SPREAD } from './sizes.ts';

/** The table of the README. */
export function proxyBlock(results: ProxyResults): string {
  const [own, ...servers] = results.servers;
  const [accepting, ...disks] = results.durable;
  const [draining, ...calls] = results.drain;
  const rows = (what: string, mine: RateRow | undefined, others: readonly RateRow[]) =>
    others.map(({ name, ratio }) => [
      what,
      figure(mine?.perSecond.median ?? 0),
      name,
      figure(ratio.median),
    ]);
  const heads = ['', 'The proxy, a second', 'Beside it', 'Ratio'];
  return `${table(heads, [
    ...rows('Requests', own, servers),
    ...rows('Messages accepted, on disk', accepting, disks),
    ...rows('Messages delivered', draining, calls),
  ])}
Medians of one run in turns (${machineLine(results.machine)}; the script \`bench:proxy\`). CPU, p99, spreads and how each was measured: [the report](test/bench/results/proxy.md).

![Curves: messages a second as backlog and contacts grow](test/bench/results/proxy.svg)
`;
}

/** Everything that was measured, and how. */
export function proxyReport(results: ProxyResults): string {
  const { machine, rounds, servers, durable, drain, backlog, contacts } = results;
  const [own] = servers;
  const relative = (value: number, of = Number.NaN) => `${figure(value)} (${figure(of / value)})`;
  const rateTable = (rows: readonly RateRow[]) =>
    table(
      ['', 'A second', "The proxy's part of it"],
      rows.map(({ name, perSecond, ratio }) => [name, spread(perSecond), spread(ratio)]),
    );
  return `# The proxy beside bare servers

${machineLine(machine)}. Medians, in parentheses the quartiles; load and servers share the machine. All of a table was measured in one run and in turns: the ratios hold, the rates are this machine's.

## Requests (${rounds.servers} seconds each, 16 connections, one identify a request)

${table(
  [
    '',
    'Requests a second',
    "The proxy's part of it",
    'CPU of a request, µs (proxy : this)',
    'p99, ms (proxy : this)',
  ],
  servers.map(({ name, perSecond, ratio, cpu, p99 }) => [
    name,
    spread(perSecond),
    spread(ratio),
    relative(cpu.median, own?.cpu.median),
    relative(p99.median, own?.p99.median),
  ]),
)}
The bare servers share parsing, policy and store with the proxy, and leave out rates, metrics, the log, CORS and the checks of a request's head.

## Messages accepted, on disk (${rounds.durable} seconds each)

${rateTable(durable)}
One after the other the loops write as many bytes as the messages have, and wait for \`fdatasync\` each time. The proxy commits what arrives together at once.

## Messages delivered (${rounds.drain} rounds each)

${rateTable(drain)}
From the first of ${figure(DRAINED)} messages of ${figure(RECIPIENTS)} contacts, accepted meanwhile, until a SendX that answers at once has all of them; 8 calls at a time.

## As the backlog grows (${rounds.growth} rounds each)

${growthTable('Waiting messages', backlog)}
Ten messages of each contact. "Against the first" is the rate beside that of the first row: 1 is flat.

## As contacts grow, ${figure(SPREAD)} messages waiting

${growthTable('Contacts', contacts)}
One contact's messages are delivered one after the other, each once the last is settled on disk.
`;
}

function growthTable(head: string, rows: readonly GrowthRow[]): string {
  const [first] = rows;
  const against = (value: number, of = Number.NaN) => figure(value / of);
  return table(
    [head, 'Appended a second', 'Against the first', 'Drained a second', 'Against the first'],
    rows.map(({ size, append, drain }) => [
      figure(size),
      spread(append),
      against(append.median, first?.append.median),
      spread(drain),
      against(drain.median, first?.drain.median),
    ]),
  );
}

/** How the store bears growth. */
export function plotProxy({ backlog, contacts }: ProxyResults): string {
  const curves = (title: string, x: string, rows: readonly GrowthRow[]) => ({
    title,
    x,
    y: 'messages a second',
    lines: [
      { name: 'appended', points: rows.map(({ size, append }) => [size, append.median] as const) },
      { name: 'drained', points: rows.map(({ size, drain }) => [size, drain.median] as const) },
    ],
  });
  return plotCurves('Messages a second as a store grows', [
    curves('As the backlog grows', 'waiting messages', backlog),
    curves(`As contacts grow, ${figure(SPREAD)} messages waiting`, 'contacts', contacts),
  ]);
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/proxy/metrics.ts';
import { delivery } from './fixture.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../src/proxy/grafana/${name}`, import.meta.url), 'utf8');

interface Panel {
  readonly id: number;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(read('dashboard.json')) as { readonly panels: readonly Panel[] };

/** The lines that the alert rules consist of, in the order in which a rule has them. */
const RULE = [
  /^ {6}- alert: \w+$/,
  /^ {8}expr: (".+")$/,
  /^ {8}for: \d+[mh]$/,
  /^ {8}labels:$/,
  /^ {10}severity: (?:warning|critical)$/,
  /^ {8}annotations:$/,
  /^ {10}summary: (".+")$/,
];
const ruleLines = read('alerts.yml').trimEnd().split('\n').slice(4);
const alertExpressions = ruleLines.flatMap((line) => {
  const quoted = RULE[1]?.exec(line)?.[1];
  return quoted === undefined ? [] : [JSON.parse(quoted) as string];
});
const expressions = [
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...alertExpressions,
];

/** Label names by sample name, of what the proxy prints once everything has happened. */
async function readSamples(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const stats = async () => ({ waiting: 1, oldestMs: 1, inFlight: 1, dead: 1 });
  const disk = async () => ({ used: 1, free: 1 });
  const metrics = createMetrics({ stats, disk, isCircuitOpen: () => true }, false);
  metrics.request('messages', 202, 0.01);
  metrics.result('refused', 'invalid');
  metrics.lost({ expired: 1, evicted: 1 });
  metrics.appended(1, 0.01);
  metrics.aborted();
  metrics.delivered(
    delivery({ verdict: 'dead', reason: 'rejected', failure: 'invalid', status: 422 }),
  );
  const samples = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of (await metrics.text()).matchAll(
    /^(\w+)(?:\{(.*)\})? /gm,
  )) {
    const known = samples.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    samples.set(name, known);
  }
  return samples;
}

describe('the dashboard', () => {
  test('has panels that neither share an id nor lie on one another', () => {
    expect(panels.length).toBeGreaterThan(10);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});

describe('the alert rules', () => {
  test('are rules from the first line to the last', () => {
    expect(ruleLines.length % RULE.length).toBe(0);
    expect(ruleLines.length / RULE.length).toBeGreaterThan(5);
    for (const [at, line] of ruleLines.entries()) {
      expect(line).toMatch(RULE[at % RULE.length] as RegExp);
      const quoted = /: (".*")$/.exec(line)?.[1];
      if (quoted !== undefined) expect(JSON.parse(quoted)).not.toBe('');
    }
  });

  test('watch what is old, full, held back, dead, lost, refused and failing', () => {
    for (const metric of ['oldest', 'free', 'circuit', 'dead', 'lost', 'results', 'request'])
      expect(
        alertExpressions.some((expr) => expr.includes(metric)),
        metric,
      ).toBe(true);
  });
});

test.each(expressions)('every metric and label of %s is real', async (expr) => {
  if (expr.startsWith('up{')) return expect(alertExpressions).toContain(expr);
  const samples = await readSamples();
  const names = expr.match(/sendx_proxy_\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect([...samples.keys()]).toContain(name);
  const labels = [
    ...[...expr.matchAll(/by \((\w+)\)/g)].map(([, label]) => label),
    ...[...expr.matchAll(/(\w+)=~?"/g)].map(([, label]) => label),
  ];
  const real = new Set(names.flatMap((name) => [...(samples.get(name) ?? [])]));
  for (const label of labels) expect([...real]).toContain(label);
  return undefined;
});

test('no metric of the proxy is left out of the dashboard but the count of appended messages', async () => {
  const shown = expressions.join(' ');
  const bases = [...(await readSamples()).keys()].map((name) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
  expect([...new Set(bases)].filter((name) => !shown.includes(name))).toEqual([
    'sendx_proxy_appended_messages_total',
  ]);
});

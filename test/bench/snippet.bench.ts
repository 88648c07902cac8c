import { chromium } from 'playwright';
import { expect, test } from 'vitest';
import { findBrowser } from '../../e2e/findBrowser.ts';
import { startPages } from '../../e2e/pages.ts';
import { startCollector } from './browser/collector.ts';
import { bundleContestants, type Contestant, LEFT_OUT } from './browser/contestants.ts';
import { type Cost, type Flood, measureCalls, measureFlood, measureVisit } from './browser/cost.ts';
import type { SnippetResults, SnippetRow } from './browser/results.ts';
import { measureSurvival, type Survival } from './browser/survival.ts';
import { measureWire, type Wire } from './browser/wire.ts';
import { describeMachine } from './machine.ts';
import { publish } from './publish.ts';
import { spreadOf } from './spread.ts';
import { inTurns } from './turns.ts';

/** Seconds that each part may take; the last round of each goes on beyond them. */
const SECONDS = { visits: 70, calls: 25, thousands: 40, wires: 10, submits: 60 };

/** Samples of one contestant, as they come. */
interface Samples {
  readonly visits: Cost[];
  readonly calls: Record<'1' | '20', number[]>;
  readonly floods: Flood[];
  readonly wires: Wire[];
  readonly submits: Survival[];
  readonly outages: Survival[];
}

test('the snippet beside its peers', async () => {
  const browser = await chromium.launch(findBrowser('chromium'));
  const pages = await startPages();
  pages.set('/thanks', '<!doctype html><title>Thanks</title>');
  const stage = { browser, pages };
  const collector = await startCollector();
  const { port } = collector;
  const contestants = await bundleContestants();
  const samples = new Map<Contestant, Samples>();
  const samplesOf = (contestant: Contestant): Samples => {
    const found = samples.get(contestant);
    if (found) return found;
    const calls = { 1: [], 20: [] };
    const fresh = { visits: [], calls, floods: [], wires: [], submits: [], outages: [] };
    samples.set(contestant, fresh);
    return fresh;
  };

  const visits = await inTurns('visits', SECONDS.visits, contestants, async (one) => {
    samplesOf(one).visits.push(await measureVisit(stage, one, port));
  });
  const calls = await inTurns('calls', SECONDS.calls, contestants, async (one) => {
    const [first = 0, twenty = 0] = await measureCalls(stage, one, port, [1, 20]);
    samplesOf(one).calls[1].push(first);
    samplesOf(one).calls[20].push(twenty);
  });
  const thousands = await inTurns('thousands', SECONDS.thousands, contestants, async (one) => {
    samplesOf(one).floods.push(await measureFlood(stage, one, port, 1_000));
  });
  // Counts do not depend on the machine's speed: all at once, each in a profile of its own.
  const wires = await inTurns('wires', SECONDS.wires, [contestants], async (all) => {
    await Promise.all(
      all.map(async (one) => void samplesOf(one).wires.push(await measureWire(stage, one))),
    );
  });
  const submits = await inTurns('submits', SECONDS.submits, [contestants], async (all) => {
    await Promise.all(
      all.flatMap((one) => [
        measureSurvival(stage, one, false).then((found) => samplesOf(one).submits.push(found)),
        measureSurvival(stage, one, true).then((found) => samplesOf(one).outages.push(found)),
      ]),
    );
  });

  const results: SnippetResults = {
    machine: describeMachine(),
    chromium: browser.version(),
    rounds: { visits, calls, thousands, wires, submits },
    contestants: contestants.map((one) => rowOf(one, samplesOf(one))),
    leftOut: LEFT_OUT,
  };
  await browser.close();
  await pages.close();
  await collector.close();
  for (const { name, arrived } of results.contestants)
    expect([name, arrived.low]).toEqual([name, 20]);
  publish('snippet', results);
});

function rowOf(
  { name, version, note, brotli }: Contestant,
  { visits, calls, floods, wires, submits, outages }: Samples,
): SnippetRow {
  const visit = (key: keyof Cost) => spreadOf(visits.map((one) => one[key]));
  const wire = (key: keyof Wire) => spreadOf(wires.map((one) => one[key]));
  return {
    name,
    version,
    note,
    brotli,
    install: visit('install'),
    busy: visit('busy'),
    longTasks: visit('longTasks'),
    heap: visit('heap'),
    calls: {
      1: spreadOf(calls[1]),
      20: spreadOf(calls[20]),
      1000: spreadOf(floods.map(({ returned }) => returned)),
    },
    whole: spreadOf(floods.map(({ whole }) => whole)),
    requests: wire('requests'),
    preflights: wire('preflights'),
    sent: wire('sent'),
    arrived: wire('arrived'),
    writes: wire('writes'),
    early: wire('early'),
    most: wire('most'),
    left: wire('left'),
    alone: submits.filter(({ alone }) => alone).length,
    revisited: submits.filter(({ revisited }) => revisited).length,
    outage: outages.filter(({ revisited }) => revisited).length,
  };
}

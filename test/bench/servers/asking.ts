import { expect } from 'vitest';
import { SITE } from '../../proxy/fixture.ts';
import { startHelper } from '../../proxy/load/rig.ts';
import { throughput } from '../../proxy/load/throughput.ts';
import type { Victim } from '../../proxy/outbox/ordeal.ts';
import { spreadOf } from '../spread.ts';
import { inTurns } from '../turns.ts';
import { cpuMs } from './cpu.ts';
import { rowsOf } from './rates.ts';
import type { ServerRow } from './results.ts';

/** A server that can be asked. */
export interface Server {
  readonly name: string;
  readonly port: number;
  /** Milliseconds of CPU so far. */
  cpu(): Promise<number>;
}

/** Starts a program of the tests that takes a site and the path of a store. */
export async function startServer(name: string, entry: string, path = ''): Promise<Server> {
  const started = await startHelper(entry, [SITE, path], 'test/bench');
  await expect.poll(() => started.out() + started.err(), { timeout: 20_000 }).toMatch(/port \d+\n/);
  const port = Number(started.out().split(' ')[1]);
  return { name, port, cpu: async () => cpuMs(started.pid) };
}

/** The proxy as one of them; its CPU is what it says itself. */
export const serverOf = ({ url, admin }: Victim): Server => ({
  name: 'The proxy',
  port: Number(new URL(url).port),
  async cpu() {
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    return 1_000 * Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1]);
  },
});

/** Asks each in turns for a second; the proxy comes first. */
export async function measureServers(
  seconds: number,
  servers: readonly Server[],
): Promise<readonly [readonly ServerRow[], number]> {
  const found = servers.map((server) => ({
    server,
    rates: [] as number[],
    cpus: [] as number[],
    p99s: [] as number[],
  }));
  for (const { port } of servers) await throughput(port, 1);
  const rounds = await inTurns('servers', seconds, found, async ({ server, ...samples }) => {
    const before = await server.cpu();
    const { perSecond, latencies } = await throughput(server.port, 1);
    samples.cpus.push((((await server.cpu()) - before) * 1_000) / latencies.length);
    samples.rates.push(perSecond);
    samples.p99s.push(p99(latencies));
  });
  const rows = rowsOf(new Map(found.map(({ server, rates }) => [server.name, rates])));
  return [
    found.flatMap(({ cpus, p99s }, place) => {
      const row = rows[place];
      return row ? [{ ...row, cpu: spreadOf(cpus), p99: spreadOf(p99s) }] : [];
    }),
    rounds,
  ];
}

const p99 = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN;

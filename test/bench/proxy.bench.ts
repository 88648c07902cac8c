import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { envelope, temporaryFolder } from '../proxy/fixture.ts';
import { throughput } from '../proxy/load/throughput.ts';
import { type Victim, victim } from '../proxy/outbox/ordeal.ts';
import { track } from '../proxy/outbox/scripted.ts';
import { buildProgram, freePort, type Program } from '../proxy/program.ts';
import { describeMachine } from './machine.ts';
import { publish } from './publish.ts';
import { measureServers, type Server, serverOf, startServer } from './servers/asking.ts';
import { callLoop } from './servers/callLoop.ts';
import { drainOnce } from './servers/draining.ts';
import { fsyncLoop } from './servers/fsyncLoop.ts';
import { measureGrowth } from './servers/growing.ts';
import { measureRates } from './servers/rates.ts';

/** Seconds that each part may take; the last round of each goes on beyond them. */
const SECONDS = { servers: 50, durable: 30, drain: 30, growth: 50 };

/** Messages in a request where messages are counted: as of one page's burst. */
const BURST = 10;

const MESSAGE_BYTES = JSON.stringify(envelope([track('mhx3k2a1-00000000-0')])).length;

test('the proxy beside bare servers, a bare disk and bare calls', async () => {
  const program = await buildProgram();
  onTestFinished(program.remove);

  // Nobody is there: only taking is measured.
  const proxy = serverOf(await startProxy(program, `http://127.0.0.1:${await freePort()}`));
  const bare = await startServer(
    'Bare node:http, the same validation and store',
    'proxy/load/bare',
    newStore(),
  );
  const [servers, askedRounds] = await measureServers(SECONDS.servers, [
    proxy,
    bare,
    await startServer(
      'Fastify, the same validation and store',
      'bench/servers/fastify',
      newStore(),
    ),
    await startServer('Bare node:http, the same validation, no store', 'proxy/load/bare'),
  ]);

  const disk = join(temporaryFolder(), 'fsync');
  const accept = async ({ port }: Server) => (await throughput(port, 1, BURST)).perSecond * BURST;
  const [durable, durableRounds] = await measureRates('durable', SECONDS.durable, {
    [`The proxy, ${BURST} messages a request`]: () => accept(proxy),
    'A bare loop, an fsync for each message': async () => fsyncLoop(disk, MESSAGE_BYTES, 1_000),
    [`A bare loop, an fsync for each ${BURST} messages`]: async () =>
      fsyncLoop(disk, MESSAGE_BYTES * BURST, 1_000) * BURST,
    [bare.name]: () => accept(bare),
  });

  const sendx = await startServer('SendX', 'bench/servers/sendx');
  const url = `http://127.0.0.1:${sendx.port}`;
  const draining = await startProxy(program, url);
  const [drain, drainRounds] = await measureRates('drain', SECONDS.drain, {
    'The proxy': () => drainOnce(draining),
    'A bare loop of fetch, as many at a time': () => callLoop(url, 1_000),
  });

  const { rounds: growth, ...grown } = await measureGrowth(SECONDS.growth);
  publish('proxy', {
    machine: describeMachine(),
    rounds: { servers: askedRounds, durable: durableRounds, drain: drainRounds, growth },
    servers,
    durable,
    drain,
    ...grown,
  });
});

const newStore = () => join(temporaryFolder(), 'outbox.sqlite');

async function startProxy(program: Program, sendx: string): Promise<Victim> {
  const proxy = await victim(program, `sqlite:${newStore()}`, sendx);
  onTestFinished(() => proxy.kill());
  await proxy.start();
  return proxy;
}

import { join } from 'node:path';
import { afterAll, beforeAll, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../../src/emulator/server.ts';
import { temporaryFolder } from '../fixture.ts';
import { buildProgram, type Program } from '../program.ts';
import { ambiguousOf, crowd, drained, haunt, judge, victim } from './ordeal.ts';
import { until } from './scripted.ts';

const LONG = process.env.LONG === '1';
/** Kills; after every fifth there is an orderly end as well. */
const KILLS = LONG ? 50 : 5;
/** Messages, at most, that are accepted between two kills. */
const MOST = LONG ? 1_000 : 400;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

it('killed at any moment, loses nothing, keeps every lane in order and counts nothing twice', async () => {
  const sendx = await startEmulator({ limit: 1_000_000 });
  onTestFinished(sendx.close);
  const outbox = `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`;
  const proxy = await victim(program, outbox, sendx.url);
  onTestFinished(() => proxy.kill());
  const visitors = crowd(10, () => proxy.url);
  const calm = haunt(sendx, Math.random);
  onTestFinished(calm);

  const round = async (signal: 'SIGKILL' | 'SIGTERM', most: number) => {
    await proxy.start();
    const enough = visitors.count() + Math.random() * most;
    await until(() => visitors.count() > enough);
    // Somewhere within the milliseconds of a turn, and not always when one has just ended.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    await proxy.kill(signal);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    await round('SIGKILL', kill % 3 === 2 ? 1 : MOST);
    if (kill % 5 === 4) await round('SIGTERM', MOST);
  }
  await proxy.start();
  await visitors.stop();
  calm();
  sendx.emulator.clearFaults();
  await drained(proxy);
  const dead = await ambiguousOf(proxy);
  judge(visitors, sendx, dead);
  const calls = sendx.emulator.journal().length;
  process.stdout.write(
    `${KILLS} kills, ${visitors.count()} accepted, ${calls} calls, ${dead.size} ambiguous; ` +
      'none lost, out of order or counted twice\n',
  );
}, 900_000);

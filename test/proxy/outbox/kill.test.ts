import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../../src/emulator/server.ts';
import { temporaryFolder } from '../fixture.ts';
import { buildProgram, type Program } from '../program.ts';
import { crowd, haunt, judgeJournal, victim } from './ordeal.ts';

const LONG = process.env.LONG === '1';
const ROUNDS = LONG ? 50 : 4;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

/** Dead letters of a running proxy by id. */
async function deadOf(admin: string): Promise<Map<string, string>> {
  const response = await fetch(`${admin}/dead?limit=10000`);
  const letters = (await response.json()) as { message: { id: string }; reason: string }[];
  return new Map(letters.map(({ message, reason }) => [message.id, reason]));
}

it('killed at any moment, loses nothing, keeps every lane in order and counts nothing twice', async () => {
  const sendx = await startEmulator({ limit: 1_000_000 });
  onTestFinished(sendx.close);
  const outbox = `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`;
  const proxy = await victim(program, outbox, sendx.url);
  onTestFinished(() => proxy.kill());
  const visitors = crowd(10, () => proxy.url);
  const calm = haunt(sendx, Math.random);
  onTestFinished(calm);

  for (let round = 0; round < ROUNDS; round += 1) {
    await proxy.start();
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 900));
    await proxy.kill(round % 5 === 4 ? 'SIGTERM' : 'SIGKILL');
  }
  await proxy.start();
  await visitors.stop();
  calm();
  sendx.emulator.clearFaults();
  await expect
    .poll(async () => (await (await fetch(`${proxy.admin}/status`)).json()).waiting, {
      timeout: 120_000,
      interval: 100,
    })
    .toBe(0);

  const dead = await deadOf(proxy.admin);
  expect([...dead.values()].filter((reason) => reason !== 'ambiguous')).toEqual([]);
  const total = [...visitors.accepted.values()].flat().length;
  expect(total).toBeGreaterThan(20 * ROUNDS);
  judgeJournal(visitors, sendx.emulator.journal(), new Set(dead.keys()));
  process.stdout.write(`${ROUNDS} kills, ${total} accepted, ${dead.size} ambiguous\n`);
}, 600_000);

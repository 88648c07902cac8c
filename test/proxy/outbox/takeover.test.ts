import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../../src/emulator/server.ts';
import { buildProgram, type Program } from '../program.ts';
import { ambiguousOf, crowd, drained, haunt, judge, victim } from './ordeal.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { until } from './scripted.ts';

const LONG = process.env.LONG === '1';
const ROUNDS = LONG ? 5 : 1;
const CONTACTS = 20;
/** Deliveries of the proxy that dies; each hangs when it does. */
const PLACES = 4;
/** In the paths of its calls alone. */
const DOOMED = '/v1/contact/';
/** Of each visitor, so that no backlog gathers: this test is not about throughput. */
const PACE_MS = 500;
/** While a death goes unnoticed, which takes half a minute that other tests can use. */
const CALM_PACE_MS = LONG ? PACE_MS : 3_000;
const TAKEOVER_MS = 90_000;

let program: Program;
let postgres: PostgresServer;
beforeAll(async () => {
  [program, postgres] = await Promise.all([buildProgram(), startPostgres()]);
}, 120_000);
afterAll(async () => {
  program.remove();
  await postgres.stop();
});

it('killed beside another on one PostgreSQL, leaves its lanes to it within 90 s, all in order', async () => {
  const sendx = await startEmulator({ limit: 1_000_000 });
  onTestFinished(sendx.close);
  const { emulator } = sendx;
  const rig = await postgres.rig();
  onTestFinished(() => rig.dispose());
  const concurrency = { SENDX_MAX_CONCURRENCY: String(PLACES) };
  // Each on a surface of its own, so that the journal tells whose a call is.
  const other = await victim(program, rig.url, sendx.url, concurrency);
  const doomed = await victim(program, rig.url, sendx.url, {
    ...concurrency,
    SENDX_TEAM_ID: 'emulator-team',
  });
  onTestFinished(() => other.kill());
  onTestFinished(() => doomed.kill());
  await other.start();
  let turn = 0;
  let isAlive = false;
  const proxyOf = () => {
    turn += 1;
    return isAlive && turn % 2 === 0 ? doomed.url : other.url;
  };
  const visitors = crowd(CONTACTS, proxyOf, () => (isAlive ? PACE_MS : CALM_PACE_MS));
  const emails = [...visitors.accepted.keys()];
  const times: number[] = [];

  for (let round = 0; round < ROUNDS; round += 1) {
    await doomed.start();
    isAlive = true;
    const calm = haunt(sendx, Math.random);
    const enough = visitors.count() + 200;
    await until(() => visitors.count() > enough);
    calm();
    emulator.clearFaults();
    // What haunted it may have opened its circuit, and an open or half-open one fills no four places.
    await expect
      .poll(async () => (await fetch(`${doomed.admin}/upstream`)).status, { timeout: 60_000 })
      .toBe(200);
    // It closes to one place, and to one more with each answer: none may hang before all are open.
    const closedAt = emulator.journal().length;
    const isOfDoomed = ({ path }: { readonly path: string }) => path.includes(DOOMED);
    await until(() => emulator.journal().slice(closedAt).filter(isOfDoomed).length >= 2 * PLACES);
    emulator.addFault({
      kind: 'hang',
      times: PLACES,
      path: DOOMED,
      applies: round % 2 === 0,
    });
    await until(() => emulator.faults().length === 0);
    isAlive = false;
    await doomed.kill();
    const killedAt = Date.now();
    const diedAt = emulator.journal().length;
    /** When SendX heard of each contact again. */
    const heard = () => {
      const first = new Map<string, number>();
      for (const entry of emulator.journal().slice(diedAt)) {
        const { at, query, body } = entry;
        const email = query.email ?? (body as { email?: string } | null)?.email ?? '';
        if (!isOfDoomed(entry) && !first.has(email)) first.set(email, at);
      }
      return first;
    };
    await expect
      .poll(() => emails.filter((email) => !heard().has(email)), {
        timeout: TAKEOVER_MS,
        interval: 250,
      })
      .toEqual([]);
    times.push(Math.max(...heard().values()) - killedAt);
  }
  await visitors.stop();
  await drained(other);
  const dead = await ambiguousOf(other);
  judge(visitors, sendx, dead);
  expect(Math.max(...times)).toBeLessThanOrEqual(TAKEOVER_MS);
  const seconds = times.map((ms) => (ms / 1_000).toFixed(1)).join(', ');
  process.stdout.write(
    `taken over after ${seconds} s; ${visitors.count()} accepted, ${dead.size} ambiguous\n`,
  );
}, 700_000);

// An hour of an outage in a process of its own, so that its memory is nobody else's. Prints what
// happened as JSON.
import type { IdentifyMessage } from '../../../src/protocol.ts';
import { createGate } from '../../../src/proxy/delivery/gate.ts';
import { holdsIncrement } from '../../../src/proxy/delivery/increment.ts';
import { createDelivery } from '../../../src/proxy/delivery.ts';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import { createSendx } from '../../../src/proxy/sendx/client.ts';
import { fakeClock } from './fakeClock.ts';

/** What an outage brought; times are of the fake clock. */
export interface OutageReport {
  readonly appended: number;
  /** Calls while SendX was down. */
  readonly callsDown: number;
  /** Milliseconds from the return of SendX to each call that it got, in order. */
  readonly firstCalls: readonly number[];
  /** Most calls within any second, and at the same time, after the return. */
  readonly mostPerSecond: number;
  readonly mostAtOnce: number;
  /** Milliseconds until all but the poisoned lane were delivered. */
  readonly drainedMs: number;
  /** Messages that waited then: those of the poisoned lane. */
  readonly leftBehind: number;
  readonly stateThen: string;
  /** Contacts whose messages came in another order, or not each once. */
  readonly outOfOrder: number;
  readonly dead: number;
  readonly waiting: number;
  readonly maxRssMiB: number;
}

const HOUR_MS = 60 * 60 * 1_000;
const [path = '', total = '0', contacts = '0', concurrency = '0'] = process.argv.slice(2);
const COUNT = Number(total);
const CONTACTS = Number(contacts);
/** How long SendX takes for a call. */
const LATENCY_MS = 50;
const POISON = 'contact0@example.com';

const clock = fakeClock();
const lastStep = new Map<string, number>();
const calls: number[] = [];
let outOfOrder = 0;
let atOnce = 0;
let mostAtOnce = 0;

let answer: (email: string) => number = () => 503;

/**
 * The least that SendX may be, which also keeps the order. Not the emulator, since its contacts
 * would count among the proxy's memory.
 */
const fetch: typeof globalThis.fetch = async (input) => {
  const request = input instanceof Request ? input : new Request(input);
  calls.push(clock.elapsed());
  atOnce += 1;
  mostAtOnce = Math.max(mostAtOnce, atOnce);
  await new Promise<void>((resolve) => void clock.after(LATENCY_MS, resolve));
  atOnce -= 1;
  const { email, customFields } = (await request.json()) as {
    email: string;
    customFields: { Step: string };
  };
  const status = answer(email);
  if (status === 200) {
    const step = Number(customFields.Step);
    if (step !== (lastStep.get(email) ?? -1) + 1) outOfOrder += 1;
    lastStep.set(email, step);
  }
  return Response.json({ status: String(status) }, { status });
};

const outbox = await createSqliteOutbox({ path, holdsIncrement, clock });
const gate = createGate({
  maxConcurrency: Number(concurrency),
  clock,
});
const deliver = createDelivery({
  sendx: createSendx({
    apiKey: 'key',
    baseUrl: 'http://sendx.test/api/v1/rest',
    fetch,
    clock: clock.now,
  }),
  trip: gate.trip,
  clock: clock.now,
});

function message(n: number): IdentifyMessage {
  const step = Math.floor(n / CONTACTS);
  const traits = { customFields: { Step: String(step) } };
  const email = `contact${n % CONTACTS}@example.com`;
  return { id: `m-${n}`, type: 'identify', at: clock.now(), email, traits };
}

let maxRss = 0;
/** Lets time pass, and everything that it sets off come to rest. */
async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  maxRss = Math.max(maxRss, process.memoryUsage.rss());
}

const run = outbox.run(deliver, gate);
const STEP_MS = 4_000;
const perStep = Math.ceil(COUNT / (HOUR_MS / STEP_MS));
let appended = 0;
for (let elapsed = 0; elapsed < HOUR_MS; elapsed += STEP_MS) {
  const size = Math.min(perStep, COUNT - appended);
  const batch = Array.from({ length: size }, (_, n) => message(appended + n));
  if (size > 0) await outbox.append(batch);
  appended += size;
  await pass(STEP_MS);
}

// A probe in flight would be answered by a SendX that is back, and the first call after it no probe.
while (atOnce > 0) await pass(LATENCY_MS);
const callsDown = calls.length;
answer = (email) => (email === POISON ? 500 : 200);
mostAtOnce = 0;
const returnedAt = clock.elapsed();
const waiting = async () => (await outbox.stats()).waiting;
const poisoned = Math.ceil(COUNT / CONTACTS);
while ((await waiting()) > poisoned) await pass(LATENCY_MS);
const drainedMs = clock.elapsed() - returnedAt;
const leftBehind = await waiting();
const stateThen = gate.state();

answer = () => 200;
while ((await waiting()) > 0) await pass(250);
const after = calls.slice(callsDown).map((at) => at - returnedAt);
let mostPerSecond = 0;
for (let from = 0, to = 0; to < after.length; to += 1) {
  while ((after[to] ?? 0) - (after[from] ?? 0) >= 1_000) from += 1;
  mostPerSecond = Math.max(mostPerSecond, to - from + 1);
}
const { dead } = await outbox.stats();
const closed = outbox.close(0);
await pass(0);
await closed;
await run;
const report: OutageReport = {
  appended,
  callsDown,
  firstCalls: after.slice(0, 16),
  mostPerSecond,
  mostAtOnce,
  drainedMs,
  leftBehind,
  stateThen,
  outOfOrder,
  dead,
  waiting: COUNT - [...lastStep.values()].reduce((sum, step) => sum + step + 1, 0),
  maxRssMiB: maxRss / 2 ** 20,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../../src/emulator/server.ts';
import type { Message } from '../../../src/protocol.ts';
import { createGate } from '../../../src/proxy/delivery/gate.ts';
import { holdsIncrement } from '../../../src/proxy/delivery/increment.ts';
import { createDelivery, type DeliveryEvent } from '../../../src/proxy/delivery.ts';
import { systemClock } from '../../../src/proxy/outbox/clock.ts';
import type { Outbox } from '../../../src/proxy/outbox/outbox.ts';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import { createSendx } from '../../../src/proxy/sendx/client.ts';

const CONTACTS = 40;
const MAX_CONCURRENCY = 4;
const FOREVER = { forMs: 3_600_000 };
const PATIENT = { timeout: 15_000 };

let running: RunningEmulator;
let folder: string;
let outbox: Outbox;
beforeEach(async () => {
  running = await startEmulator();
  folder = await mkdtemp(join(tmpdir(), 'outage-'));
  outbox = await createSqliteOutbox({ path: join(folder, 'outbox.sqlite'), holdsIncrement });
});
afterEach(async () => {
  await outbox.close(0);
  await running.close();
  await rm(folder, { recursive: true });
});

const message = (index: number, traits: object = {}): Message => ({
  id: `m-${index}`,
  type: 'identify',
  at: Date.now(),
  email: `c${index}@example.com`,
  traits,
});
const messages = (traits: object = {}) =>
  Array.from({ length: CONTACTS }, (_, index) => message(index, traits));

/** The gate's time runs ten times as fast, so that its cool-downs are short. */
const fastClock = {
  elapsed: () => 10 * systemClock.elapsed(),
  after: (ms: number, callback: () => void) => systemClock.after(ms / 10, callback),
};

/** Store, gate, delivery and client as they are wired. */
const run = () => {
  const events: DeliveryEvent[] = [];
  const gate = createGate({ maxConcurrency: MAX_CONCURRENCY, clock: fastClock });
  const deliver = createDelivery({
    sendx: createSendx({ apiKey: running.emulator.apiKey, baseUrl: running.url }),
    trip: gate.trip,
    observe: (event) => events.push(event),
    random: () => 0.05,
  });
  void outbox.run(deliver, gate);
  return { events, gate };
};

const waiting = async () => (await outbox.stats()).waiting;

describe('one poisoned lane', () => {
  it('holds up no other', async () => {
    const poison = 'c0@example.com';
    running.emulator.addFault({ kind: 'status', status: 500, email: poison, ...FOREVER });
    await outbox.append(messages());
    const { gate, events } = run();
    await expect.poll(waiting, PATIENT).toBe(1);
    expect(gate.state()).toBe('closed');
    expect(running.emulator.contacts()).toHaveLength(CONTACTS - 1);
    expect(events.filter(({ scope }) => scope === 'upstream')).toEqual([]);
  });
});

describe.each([
  ['a 503', { kind: 'status', status: 503 }],
  ['a cut connection', { kind: 'cut' }],
  ['a refused key', { kind: 'status', status: 401 }],
  ['a redirect', { kind: 'status', status: 302 }],
  ['a 429', { kind: 'status', status: 429 }],
] as const)('an outage by %s', (_, fault) => {
  it('is asked after by few, kills nothing, and ends by itself', async () => {
    running.emulator.addFault({ ...fault, ...FOREVER });
    await outbox.append(messages());
    const { gate, events } = run();
    await expect.poll(() => gate.state(), PATIENT).toBe('open');
    const first = events.length;
    await expect.poll(() => events.length, PATIENT).toBeGreaterThanOrEqual(first + 2);
    // Those in flight when it began, and one probe for each cool-down since.
    expect(running.emulator.journal().length).toBeLessThan(CONTACTS / 2);

    running.emulator.clearFaults();
    await expect.poll(waiting, PATIENT).toBe(0);
    expect(running.emulator.contacts()).toHaveLength(CONTACTS);
    expect(await outbox.dead.list()).toEqual([]);
    expect([gate.state(), gate.reason()]).toEqual(['closed', undefined]);
  });
});

describe('an outage under increments', () => {
  it('kills no more than were in flight or probed, and applies none twice', async () => {
    running.emulator.addFault({ kind: 'cut', applies: true, ...FOREVER });
    await outbox.append(messages({ customFields: { Visits: '++1' } }));
    const { gate } = run();
    await expect.poll(() => gate.state(), PATIENT).toBe('open');
    running.emulator.clearFaults();
    await expect.poll(waiting, PATIENT).toBe(0);
    const dead = await outbox.dead.list();
    expect(dead.length).toBeGreaterThanOrEqual(3);
    expect(dead.length).toBeLessThanOrEqual(2 * MAX_CONCURRENCY);
    const visits = running.emulator.contacts().map(({ customFields }) => customFields.Visits);
    expect(visits).toEqual(Array(CONTACTS).fill('1'));
  });
});

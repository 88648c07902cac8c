import { afterEach, describe, expect, it } from 'vitest';
import { createEmulator } from '../../../src/emulator/app.ts';
import type { Fault } from '../../../src/emulator/faults.ts';
import type { Message } from '../../../src/protocol.ts';
import { createGate } from '../../../src/proxy/delivery/gate.ts';
import { createDelivery } from '../../../src/proxy/delivery.ts';
import { createDirectOutbox, type DirectOptions } from '../../../src/proxy/outbox/direct.ts';
import type { Outbox } from '../../../src/proxy/outbox/outbox.ts';
import { createSendx } from '../../../src/proxy/sendx/client.ts';
import { createFakeClock, settled } from '../fakeClock.ts';
import { gateOf } from './scripted.ts';

const JANE = 'jane@example.com';
const JOE = 'joe@example.com';

const identify = (id: string, email = JANE, traits: object = {}): Message => ({
  id,
  type: 'identify',
  at: 0,
  email,
  traits,
});
const track = (id: string, email = JANE): Message => ({
  id,
  type: 'track',
  at: 0,
  email,
  addTags: [`tag-${id}`],
});
const increment = (id: string) => identify(id, JANE, { customFields: { Visits: '++1' } });

const open: Outbox[] = [];
afterEach(() => Promise.all(open.splice(0).map((outbox) => outbox.close(0))));

/** The outbox with everything behind it; the clock stands still. */
const setUp = (options: Partial<DirectOptions> = {}, maxConcurrency = 8) => {
  const clock = createFakeClock(1_000_000);
  const emulator = createEmulator({ clock: clock.now });
  const gate = createGate({ maxConcurrency, clock, random: () => 0.5 });
  const lanes: string[] = [];
  const deliver = createDelivery({
    sendx: createSendx({
      apiKey: emulator.apiKey,
      baseUrl: 'http://emulator.test/api/v1/rest',
      fetch: emulator.fetch,
    }),
    trip: gate.trip,
    observe: ({ lane }) => lanes.push(lane),
    clock: clock.now,
    random: () => 0.5,
  });
  const laneOf = (email: string) => `lane of ${email}`;
  const outbox = createDirectOutbox({ laneOf, clock, ...options });
  open.push(outbox);
  const running = outbox.run(deliver, gate);
  return {
    clock,
    emulator,
    outbox,
    lanes,
    running,
    fault: (fault: Fault) => emulator.addFault(fault),
  };
};

describe('append', () => {
  it('answers once SendX has taken the messages, in their order', async () => {
    const { emulator, outbox, lanes } = setUp();
    const messages = [identify('a'), track('b'), identify('c', JOE), track('d', JOE)];
    expect(await outbox.append(messages)).toEqual(Array(4).fill('stored'));
    expect(emulator.contact(JANE)).toMatchObject({ tags: ['tag-b'] });
    expect(emulator.contact(JOE)).toMatchObject({ tags: ['tag-d'] });
    expect(new Set(lanes)).toEqual(new Set([`lane of ${JANE}`, `lane of ${JOE}`]));
  });

  it('takes nothing', async () => {
    expect(await setUp().outbox.append([])).toEqual([]);
  });

  it('rejects what SendX refuses, and the contact goes on', async () => {
    const { outbox, fault } = setUp();
    fault({ kind: 'status', status: 422 });
    expect(await outbox.append([identify('a'), identify('b'), track('c')])).toEqual([
      'rejected',
      'stored',
      'stored',
    ]);
  });

  it('puts off what SendX cannot take now, and all of the same contact after it', async () => {
    const { emulator, outbox, fault } = setUp();
    fault({ kind: 'status', status: 500, email: JANE, path: '/track' });
    const messages = [identify('a'), track('b'), track('c'), identify('d', JOE), identify('e')];
    expect(await outbox.append(messages)).toEqual(['stored', 'later', 'later', 'stored', 'later']);
    expect(emulator.contact(JANE)).toMatchObject({ tags: [] });
  });

  it('continues where it was put off', async () => {
    const { emulator, outbox, fault } = setUp();
    fault({ kind: 'status', status: 500, path: '/track' });
    const messages = [identify('a'), track('b'), track('c')];
    await outbox.append(messages);
    expect(await outbox.append(messages)).toEqual(['duplicate', 'stored', 'stored']);
    expect(emulator.contact(JANE)).toMatchObject({ tags: ['tag-b', 'tag-c'] });
  });

  it('delivers an id once, whatever became of it', async () => {
    const { emulator, outbox, fault } = setUp();
    const twice = identify('a');
    expect(await outbox.append([twice, twice])).toEqual(['stored', 'duplicate']);
    fault({ kind: 'status', status: 400 });
    expect(await outbox.append([identify('b'), identify('b')])).toEqual(['rejected', 'rejected']);
    expect(await outbox.append([identify('a'), identify('b')])).toEqual(['duplicate', 'rejected']);
    expect(emulator.journal()).toHaveLength(2);
  });

  it('rejects an increment of which nobody knows whether it was applied', async () => {
    const { emulator, outbox, fault } = setUp();
    fault({ kind: 'cut', applies: true });
    expect(await outbox.append([increment('a')])).toEqual(['rejected']);
    expect(await outbox.append([increment('a')])).toEqual(['rejected']);
    expect(emulator.contact(JANE)).toMatchObject({ customFields: { Visits: '1' } });
  });

  it('delivers a renamed contact in one lane', async () => {
    const { emulator, outbox } = setUp();
    await outbox.append([identify('a')]);
    const messages = [identify('b', JANE, { newEmail: JOE }), track('c', JOE), track('d', JOE)];
    expect(await outbox.append(messages)).toEqual(['stored', 'stored', 'stored']);
    expect(emulator.contact(JOE)).toMatchObject({ tags: ['tag-c', 'tag-d'] });
  });
});

describe('what SendX says of a contact', () => {
  const signed = (message: Message): Message => ({ ...message, signature: 'verified before' });

  it('is told to nobody unsigned, or anyone could ask who is a contact', async () => {
    const { emulator, outbox } = setUp();
    await outbox.append([identify('jane')]);
    expect(await outbox.append([track('a'), track('b', JOE)])).toEqual(['stored', 'stored']);
    expect(await outbox.append([track('a'), track('b', JOE)])).toEqual(['duplicate', 'duplicate']);
    expect(emulator.contact(JOE)).toBeUndefined();
    expect(emulator.journal()).toHaveLength(3);
  });

  it('is told to nobody unsigned, whichever refusal means an unknown contact', async () => {
    const { outbox, fault } = setUp();
    for (const refusal of [{ kind: 'status', status: 422 }, { kind: 'error-body' }] as const) {
      fault(refusal);
      expect(await outbox.append([track(`of ${refusal.kind}`)])).toEqual(['stored']);
    }
  });

  it('is told to nobody unsigned who renames to the address of another', async () => {
    const { outbox } = setUp();
    await outbox.append([identify('jane'), identify('joe', JOE)]);
    const rename = (id: string) => identify(id, JANE, { newEmail: JOE });
    expect(await outbox.append([rename('a'), signed(rename('b'))])).toEqual(['stored', 'rejected']);
  });

  it('is told to whom the site vouches for', async () => {
    const { outbox } = setUp();
    expect(await outbox.append([signed(track('a', JOE))])).toEqual(['rejected']);
    expect(await outbox.append([signed(track('a', JOE))])).toEqual(['rejected']);
  });
});

describe('while SendX holds back', () => {
  it('nothing is sent for as long as it said', async () => {
    const { clock, emulator, outbox, fault } = setUp();
    fault({ kind: 'status', status: 429, retryAfter: 30 });
    expect(await outbox.append([identify('a')])).toEqual(['later']);
    await clock.advance(29_999);
    expect(await outbox.append([identify('b', JOE)])).toEqual(['later']);
    expect(emulator.journal()).toHaveLength(1);
    await clock.advance(1);
    expect(await outbox.append([identify('b', JOE)])).toEqual(['stored']);
  });

  it('the longest time that it said to anyone holds for all', async () => {
    const clock = createFakeClock();
    const outbox = createDirectOutbox({ laneOf: (email) => email, clock });
    open.push(outbox);
    const waits = new Map([
      [JANE, 60_000],
      [JOE, 1_000],
    ]);
    void outbox.run(async ({ message }) => {
      const afterMs = waits.get(message.email);
      waits.delete(message.email);
      return afterMs === undefined
        ? { kind: 'done' }
        : { kind: 'retry', scope: 'upstream', afterMs };
    }, gateOf());
    const messages = [track('a'), track('b', JOE)];
    expect(await outbox.append(messages)).toEqual(['later', 'later']);
    await clock.advance(59_999);
    expect(await outbox.append(messages)).toEqual(['later', 'later']);
    await clock.advance(1);
    expect(await outbox.append(messages)).toEqual(['stored', 'stored']);
  });

  it('nobody waits longer than a second for a place', async () => {
    const { clock, outbox, fault } = setUp({}, 1);
    fault({ kind: 'hang' });
    const first = outbox.append([identify('a')]);
    const second = outbox.append([identify('b', JOE)]);
    await clock.advance(1_000);
    expect(await second).toEqual(['later']);
    await clock.advance(19_000);
    expect(await first).toEqual(['later']);
  });
});

describe('while SendX is slow', () => {
  it('an append ends with its budget, and what was not taken is later', async () => {
    const { clock, emulator, outbox, fault } = setUp({ budgetMs: 5_000 });
    fault({ kind: 'hang', path: '/track' });
    const answer = outbox.append([identify('a'), track('b'), track('c')]);
    await expect.poll(() => emulator.journal().length).toBe(2);
    await clock.advance(5_000);
    expect(await answer).toEqual(['stored', 'later', 'later']);
    expect(await outbox.append([track('b'), track('c')])).toEqual(['stored', 'stored']);
  });

  it('another append of the same contact is later, so that none overtakes', async () => {
    const { clock, emulator, outbox, fault } = setUp();
    fault({ kind: 'hang' });
    const first = outbox.append([identify('a', JANE, { newEmail: 'j@example.org' })]);
    await expect.poll(() => emulator.journal().length).toBe(1);
    expect(
      await outbox.append([track('b'), track('c', 'j@example.org'), identify('d', JOE)]),
    ).toEqual(['later', 'later', 'stored']);
    emulator.clearFaults();
    await first;
    expect(await outbox.append([identify('e')])).toEqual(['stored']);
    await clock.advance(0);
  });

  it('six contacts are delivered side by side, and the others after them', async () => {
    const { clock, emulator, outbox, fault } = setUp({}, 100);
    fault({ kind: 'hang', times: 6 });
    const messages = Array.from({ length: 8 }, (_, index) => identify(`${index}`, `${index}@x.io`));
    const answer = outbox.append(messages);
    await expect.poll(() => emulator.journal().length).toBe(6);
    await settled();
    expect(emulator.journal()).toHaveLength(6);
    expect(await outbox.stats()).toEqual({ waiting: 0, oldestMs: 0, inFlight: 6, dead: 0 });
    await clock.advance(20_000);
    expect(await answer).toEqual(Array(8).fill('later'));
  });
});

describe('an outbox that does not run', () => {
  it('puts everything off, before and after', async () => {
    const { outbox, running, emulator } = setUp();
    await outbox.close(0);
    await running;
    expect(await outbox.append([identify('a')])).toEqual(['later']);
    const fresh = createDirectOutbox({ laneOf: () => '' });
    expect(await fresh.append([identify('a')])).toEqual(['later']);
    expect(emulator.journal()).toEqual([]);
  });

  it('lets what is in flight end within its grace', async () => {
    const { outbox, emulator, fault, running } = setUp();
    fault({ kind: 'delay', delayMs: 500 });
    const answer = outbox.append([identify('a'), track('b')]);
    await expect.poll(() => emulator.journal().length).toBe(1);
    await outbox.close(10_000);
    await running;
    expect(await answer).toEqual(['stored', 'later']);
  });

  it('cuts what is in flight after it', async () => {
    const { clock, outbox, emulator, fault } = setUp();
    fault({ kind: 'hang' });
    const answer = outbox.append([identify('a')]);
    await expect.poll(() => emulator.journal().length).toBe(1);
    const closed = outbox.close(3_000);
    await clock.advance(3_000);
    await closed;
    expect(await answer).toEqual(['later']);
  });
});

describe('the rest of the interface', () => {
  it('forgets the ids of one contact', async () => {
    const { outbox } = setUp();
    await outbox.append([identify('a'), identify('b', JOE)]);
    expect(await outbox.erase(JANE)).toBe(0);
    expect(await outbox.append([identify('a'), identify('b', JOE)])).toEqual([
      'stored',
      'duplicate',
    ]);
  });

  it('has no dead letters', async () => {
    const { outbox, fault } = setUp();
    fault({ kind: 'status', status: 422 });
    await outbox.append([identify('a')]);
    expect(await outbox.dead.list()).toEqual([]);
    expect(await outbox.dead.get('a')).toBeUndefined();
    expect(await outbox.dead.retry('a')).toBe(false);
    expect(await outbox.dead.drop('a')).toBe(false);
  });
});

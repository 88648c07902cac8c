import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/faults.ts';
import { type RunningEmulator, startEmulator } from '../../src/emulator/server.ts';
import { MAX_AGE_MS, type Message } from '../../src/protocol.ts';
import { createDelivery, type DeliveryEvent } from '../../src/proxy/delivery.ts';
import type { Delivery } from '../../src/proxy/outbox/outbox.ts';
import { createSendx } from '../../src/proxy/sendx/client.ts';

const NOW = 1_763_955_600_000;
const EMAIL = 'jane@example.com';

let running: RunningEmulator;
beforeAll(async () => {
  running = await startEmulator();
});
afterEach(() => running.emulator.reset());
afterAll(() => running.close());

const identify = (traits: object = {}, email = EMAIL): Message => ({
  id: 'm-1',
  type: 'identify',
  at: NOW,
  email,
  traits,
});
const track = (change: object = { addTags: ['ebook'] }): Message => ({
  id: 'm-2',
  type: 'track',
  at: NOW,
  email: EMAIL,
  ...change,
});
const increment = identify({ customFields: { Visits: '++1' } });

/** Has the client's own patience where no `timeoutMs` is given: a busy machine is no timeout. */
const setUp = (apiKey = running.emulator.apiKey, clock = () => NOW, timeoutMs?: number) => {
  const events: DeliveryEvent[] = [];
  const trips: unknown[][] = [];
  const deliver = createDelivery({
    sendx: createSendx({
      apiKey,
      baseUrl: `${running.url}/api/v1/rest`,
      ...(timeoutMs !== undefined && { timeoutMs }),
    }),
    trip: (...trip) => trips.push(trip),
    observe: (event) => events.push(event),
    clock,
    random: () => 0.5,
  });
  const give = (message: Message, more: Partial<Delivery> = {}) => {
    const signal = new AbortController().signal;
    return deliver({ message, lane: 'lane-1', storedAt: NOW, attempt: 1, signal, ...more });
  };
  return { events, trips, give };
};

const fault = (fault: Fault) => running.emulator.addFault(fault);
const status = (status: number, more: Partial<Fault> = {}) =>
  fault({ kind: 'status', status, ...more } as Fault);

describe('a message', () => {
  it('reaches SendX whole, and is done', async () => {
    const { give } = setUp();
    const traits = {
      firstName: 'Jane',
      birthday: '1989-03-12',
      customFields: { Age: '29' },
      tags: ['lead'],
    };
    expect(await give(identify(traits))).toEqual({ kind: 'done' });
    expect(await give(track({ addTags: ['ebook'], removeTags: ['lead'] }))).toEqual({
      kind: 'done',
    });
    expect(running.emulator.contact(EMAIL)).toMatchObject({ ...traits, tags: ['ebook'] });
  });

  it('carries neither id, time nor signature to SendX', async () => {
    const { give } = setUp();
    await give({ ...identify({ firstName: 'Jane' }), signature: 'abc' });
    expect(running.emulator.journal()).toMatchObject([
      { body: { email: EMAIL, firstName: 'Jane' } },
    ]);
    expect(JSON.stringify(running.emulator.journal())).not.toMatch(/signature|m-1/);
  });

  it('that tracks a contact SendX does not know is dead', async () => {
    const { give, trips } = setUp();
    expect(await give(track())).toEqual({
      kind: 'dead',
      reason: 'rejected',
      detail: 'SendX answered 404 to track: it has no such contact',
    });
    expect(trips).toEqual([]);
  });

  it('that identifies waits with all others where SendX knows no such path', async () => {
    const { give, trips } = setUp();
    status(404);
    expect(await give(identify(), { attempt: 2 })).toEqual({
      kind: 'retry',
      scope: 'upstream',
      afterMs: 1_000,
    });
    expect(trips).toEqual([['redirected', undefined]]);
  });

  it('that SendX refuses is dead, and the detail names no address', async () => {
    const { give } = setUp();
    status(422, { kind: 'status', body: { status: 'error', message: `bad <${EMAIL}>` } });
    expect(await give(identify())).toEqual({
      kind: 'dead',
      reason: 'rejected',
      detail: 'SendX answered 422 to identify: bad <[e-mail]>',
    });
  });

  it('that met a 500 is tried again, in its own lane', async () => {
    const { give, trips } = setUp();
    status(500);
    expect(await give(identify())).toEqual({ kind: 'retry', scope: 'message', afterMs: 500 });
    status(500);
    const third = await give(identify(), { attempt: 3 });
    expect(third).toEqual({ kind: 'retry', scope: 'message', afterMs: 2_000 });
    expect(trips).toEqual([]);
  });

  it('that met a 429 holds all lanes, as long as SendX said', async () => {
    const { give, trips } = setUp();
    status(429, { retryAfter: 30 });
    const verdict = await give(identify(), { attempt: 5 });
    expect(verdict).toEqual({ kind: 'retry', scope: 'upstream', afterMs: 30_000 });
    status(429);
    expect(await give(identify())).toMatchObject({ scope: 'upstream', afterMs: 500 });
    expect(trips).toEqual([
      ['rate_limited', 30_000],
      ['rate_limited', undefined],
    ]);
  });

  it('waits with all others while the key is refused, and never dies of it', async () => {
    const { give, trips } = setUp('wrong-key');
    const old = { storedAt: NOW - 10 * MAX_AGE_MS, attempt: 1_000 };
    for (const message of [identify(), track(), increment]) {
      expect(await give(message, old)).toMatchObject({ kind: 'retry', scope: 'upstream' });
    }
    expect(trips).toEqual(Array(3).fill(['unauthorized', undefined]));
  });

  it('is tried for seven days', async () => {
    const { give } = setUp();
    status(500, { times: 2 });
    const young = await give(identify(), { storedAt: NOW - MAX_AGE_MS + 1, attempt: 2_000 });
    expect(young).toEqual({ kind: 'retry', scope: 'message', afterMs: 150_000 });
    const old = await give(identify(), { storedAt: NOW - MAX_AGE_MS, attempt: 2_000 });
    expect(old).toMatchObject({ kind: 'dead', reason: 'expired' });
  });

  it('that is old is still delivered where SendX takes it', async () => {
    const { give } = setUp();
    expect(await give(identify(), { storedAt: NOW - MAX_AGE_MS - 1 })).toEqual({ kind: 'done' });
  });

  it.each([identify(), track()])(
    'goes back to its lane when the outbox closes: $type',
    async (message) => {
      const { give, trips } = setUp();
      fault({ kind: 'hang' });
      const controller = new AbortController();
      const call = give(message, { signal: controller.signal });
      await expect.poll(() => running.emulator.journal().length).toBe(1);
      controller.abort();
      expect(await call).toEqual({ kind: 'retry', scope: 'message', afterMs: 0 });
      expect(trips).toEqual([]);
    },
  );
});

describe('an increment', () => {
  it.each([
    ['a 500', { kind: 'status', status: 500 }],
    ['a timeout', { kind: 'hang' }],
    ['a cut connection', { kind: 'cut', applies: true }],
    ['half an answer', { kind: 'malformed', applies: true }],
  ] satisfies [string, Fault][])('is not sent again after %s', async (_, met) => {
    const { give } = setUp(undefined, undefined, met.kind === 'hang' ? 250 : undefined);
    fault(met);
    expect(await give(increment)).toMatchObject({ kind: 'dead', reason: 'ambiguous' });
  });

  it('is sent again where SendX has surely not applied it', async () => {
    const { give } = setUp();
    status(429);
    expect(await give(increment)).toMatchObject({ kind: 'retry' });
    expect(await give(increment)).toEqual({ kind: 'done' });
    expect(running.emulator.contact(EMAIL)).toMatchObject({ customFields: { Visits: '1' } });
  });

  it('is dead when the outbox closed on it in flight', async () => {
    const { give } = setUp();
    fault({ kind: 'hang' });
    const controller = new AbortController();
    const call = give(increment, { signal: controller.signal });
    await expect.poll(() => running.emulator.journal().length).toBe(1);
    controller.abort();
    expect(await call).toMatchObject({ kind: 'dead', reason: 'ambiguous' });
  });

  it('goes back to its lane when the outbox had closed before', async () => {
    const { give } = setUp();
    const verdict = await give(increment, { signal: AbortSignal.abort() });
    expect(verdict).toMatchObject({ kind: 'retry', afterMs: 0 });
  });
});

describe('an outage', () => {
  it('is three different lanes in a row without an answer', async () => {
    const { give, trips } = setUp();
    status(503, { times: 3 });
    expect(await give(identify(), { lane: 'a' })).toMatchObject({ scope: 'message' });
    expect(await give(identify(), { lane: 'b' })).toMatchObject({ scope: 'message' });
    expect(await give(identify(), { lane: 'c' })).toMatchObject({ scope: 'upstream' });
    expect(trips).toEqual([['outage', undefined]]);
  });

  it('is not one lane that fails for ever', async () => {
    const { give, trips } = setUp();
    status(500, { times: 20 });
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      expect(await give(identify(), { attempt })).toMatchObject({ scope: 'message' });
    }
    expect(trips).toEqual([]);
  });

  it('is not lanes that fail between others that do not', async () => {
    const { give, trips } = setUp();
    for (const lane of ['a', 'b', 'c', 'd']) {
      status(500);
      await give(identify(), { lane });
      await give(identify(), { lane: 'healthy' });
    }
    expect(trips).toEqual([]);
  });

  it.each([401, 422, 429])('ends with a word of SendX, and a %i is one', async (word) => {
    const { give } = setUp();
    const scopes: unknown[] = [];
    for (const [lane, code] of Object.entries({
      a: 500,
      b: 500,
      c: word,
      d: 500,
      e: 500,
      f: 500,
    })) {
      status(code);
      const verdict = await give(identify(), { lane });
      if (lane !== 'c') scopes.push('scope' in verdict && verdict.scope);
    }
    expect(scopes).toEqual([...Array(4).fill('message'), 'upstream']);
  });

  it('is seen in increments too, though each of them dies', async () => {
    const { give, trips } = setUp();
    status(503, { times: 3, retryAfter: 9 });
    for (const lane of ['a', 'b', 'c']) {
      expect(await give(increment, { lane })).toMatchObject({ reason: 'ambiguous' });
    }
    expect(trips).toEqual([['outage', 9_000]]);
  });
});

describe('the observer', () => {
  it('hears of every attempt, and of nobody', async () => {
    const { give, events } = setUp();
    await give(identify());
    status(500);
    await give(track(), { attempt: 2 });
    status(422);
    await give(identify());
    fault({ kind: 'cut' });
    await give(increment);
    const base = { lane: 'lane-1', ms: 0 };
    expect(events).toStrictEqual([
      { ...base, id: 'm-1', type: 'identify', attempt: 1, status: 200, verdict: 'done' },
      {
        ...base,
        id: 'm-2',
        type: 'track',
        attempt: 2,
        status: 500,
        failure: 'unavailable',
        verdict: 'retry',
        scope: 'message',
        afterMs: 1_000,
      },
      {
        ...base,
        id: 'm-1',
        type: 'identify',
        attempt: 1,
        status: 422,
        failure: 'invalid',
        verdict: 'dead',
        reason: 'rejected',
      },
      {
        ...base,
        id: 'm-1',
        type: 'identify',
        attempt: 1,
        failure: 'cut',
        verdict: 'dead',
        reason: 'ambiguous',
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/@|jane/);
  });

  it('hears how long SendX took, which is no time where the clock was set back', async () => {
    const times = [NOW, NOW + 40, NOW, NOW - 40];
    const { give, events } = setUp(undefined, () => times.shift() ?? NOW);
    await give(identify());
    await give(identify());
    expect(events.map(({ ms }) => ms)).toEqual([40, 0]);
  });

  it('may be missing', async () => {
    const { apiKey } = running.emulator;
    const deliver = createDelivery({
      sendx: createSendx({ apiKey, baseUrl: `${running.url}/api/v1/rest` }),
      trip: () => {},
    });
    const { signal } = new AbortController();
    const delivery = { message: identify(), lane: 'a', storedAt: NOW, attempt: 1, signal };
    expect(await deliver(delivery)).toEqual({ kind: 'done' });
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import type { Fault } from '../../src/emulator/faults.ts';
import { type RunningEmulator, startEmulator } from '../../src/emulator/server.ts';
import { createLegacyCaller, createRestCaller } from './caller.ts';

const JANE = { email: 'jane@example.com' };

function setup(...faults: readonly Fault[]) {
  let now = 0;
  const emulator = createEmulator({ clock: () => now });
  for (const fault of faults) emulator.addFault(fault);
  const advance = (ms: number) => {
    now += ms;
  };
  return { emulator, advance, ...createRestCaller(emulator) };
}

describe('status', () => {
  test('answers what the script says and does not apply the call', async () => {
    const body = { status: 'error', message: 'Maintenance' };
    const { emulator, identify } = setup({ kind: 'status', status: 503, retryAfter: 7, body });
    const answer = await identify(JANE);
    expect(answer).toMatchObject({ status: 503, body });
    expect(answer.headers.get('Retry-After')).toBe('7');
    expect(emulator.contacts()).toEqual([]);
    expect(emulator.journal()).toMatchObject([
      { status: 503, fault: 'status 503, not applied', body: JANE },
    ]);
  });

  test('names no time unless told to, and is over after one call', async () => {
    const { emulator, identify } = setup({ kind: 'status', status: 429 });
    expect((await identify(JANE)).headers.get('Retry-After')).toBeNull();
    expect(emulator.faults()).toEqual([]);
    expect((await identify(JANE)).status).toBe(200);
  });

  test('can fail after the call took effect', async () => {
    const { emulator, identify } = setup({ kind: 'status', status: 500, applies: true });
    expect((await identify(JANE)).status).toBe(500);
    expect(emulator.contact(JANE.email)).toBeDefined();
    expect(emulator.journal()[0]?.fault).toBe('status 500, applied');
  });

  test('a status without a body has none', async () => {
    const { emulator } = setup({ kind: 'status', status: 204 });
    const response = await emulator.fetch('http://sendx/api/v1/rest/contact/identify');
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
  });
});

test('malformed answers 200 with JSON that does not parse', async () => {
  for (const applies of [false, true]) {
    const { emulator } = setup({ kind: 'malformed', applies });
    await expect(createLegacyCaller(emulator).identify(JANE)).rejects.toThrow(SyntaxError);
    expect(emulator.contacts()).toHaveLength(applies ? 1 : 0);
    expect(emulator.journal()[0]?.status).toBe(200);
  }
});

test('error-body answers 200 with a body that says it failed', async () => {
  const { emulator, identify } = setup({ kind: 'error-body' });
  expect(await identify(JANE)).toMatchObject({ status: 200, body: { status: 'error' } });
  expect(emulator.contacts()).toEqual([]);
});

describe('bounds', () => {
  test('hits the next so many calls', async () => {
    const { identify } = setup({ kind: 'status', status: 500, times: 2 });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await identify(JANE)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('hits every call for so long', async () => {
    const { emulator, identify, advance } = setup({ kind: 'status', status: 503, forMs: 10_000 });
    expect((await identify(JANE)).status).toBe(503);
    advance(9_999);
    expect((await identify(JANE)).status).toBe(503);
    expect(emulator.faults()).toMatchObject([{ hits: 2, until: 10_000 }]);
    advance(1);
    expect((await identify(JANE)).status).toBe(200);
    expect(emulator.faults()).toEqual([]);
  });

  test('hits so many calls within so long, whichever ends first', async () => {
    const { identify } = setup({ kind: 'status', status: 503, forMs: 10_000, times: 1 });
    expect((await identify(JANE)).status).toBe(503);
    expect((await identify(JANE)).status).toBe(200);
  });

  test('hits only one path', async () => {
    const { identify, track } = setup({ kind: 'status', status: 500, path: '/track' });
    expect((await identify(JANE)).status).toBe(200);
    expect((await track(JANE.email, {})).status).toBe(500);
  });

  test('hits only one address on either surface, in any case', async () => {
    const { emulator, identify, track } = setup({
      kind: 'status',
      status: 500,
      times: 3,
      email: 'Jane@Example.com',
    });
    expect((await identify({ email: 'joe@example.com' })).status).toBe(200);
    expect((await identify(JANE)).status).toBe(500);
    expect((await track(JANE.email, {})).status).toBe(500);
    expect((await createLegacyCaller(emulator).track(JANE.email, {})).status).toBe(500);
  });

  test('faults hit in the order in which they were added', async () => {
    const { identify } = setup({ kind: 'status', status: 500 }, { kind: 'status', status: 502 });
    expect([(await identify(JANE)).status, (await identify(JANE)).status]).toEqual([500, 502]);
  });

  test('clearing ends them', async () => {
    const { emulator, identify } = setup({ kind: 'status', status: 500, times: 9 });
    emulator.clearFaults();
    expect((await identify(JANE)).status).toBe(200);
  });
});

describe('time', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('delay applies at once and answers late', async () => {
    vi.useFakeTimers();
    const { emulator, identify } = setup({ kind: 'delay', delayMs: 5_000 });
    const answer = identify(JANE);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(emulator.contacts()).toHaveLength(1);
    expect(emulator.journal()).toMatchObject([{ status: null, fault: 'delay after 5000 ms' }]);
    await vi.advanceTimersByTimeAsync(1);
    expect((await answer).status).toBe(200);
  });

  test('an aborted call rejects with the reason of its signal', async () => {
    const { emulator } = setup({ kind: 'hang' });
    const leaving = new AbortController();
    const answer = emulator.fetch('http://sendx/api/v1/rest/contact/identify', {
      signal: leaving.signal,
    });
    const reason = new Error('enough');
    leaving.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(emulator.journal()).toMatchObject([{ status: null, fault: 'hang, not applied' }]);
  });

  test('clearing the faults cuts the calls that hang', async () => {
    const { emulator, identify } = setup({ kind: 'hang' });
    const answer = identify(JANE);
    await vi.waitFor(() => expect(emulator.journal()).toHaveLength(1));
    emulator.clearFaults();
    await expect(answer).rejects.toThrow('fetch failed');
  });
});

describe('cut in process', () => {
  test.each([false, true])('rejects as a network failure (applies: %s)', async (applies) => {
    const { emulator, identify } = setup({ kind: 'cut', applies });
    await expect(identify(JANE)).rejects.toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { code: 'ECONNRESET' },
    });
    expect(emulator.contacts()).toHaveLength(applies ? 1 : 0);
    expect(emulator.journal()[0]?.status).toBeNull();
  });
});

describe('over a real socket', () => {
  let running: RunningEmulator;
  beforeEach(async () => {
    running = await startEmulator();
  });
  afterEach(() => running.close());

  const send = (init: RequestInit = {}) =>
    fetch(`${running.url}/api/v1/rest/contact/identify`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Team-ApiKey': running.emulator.apiKey },
      body: JSON.stringify(JANE),
      ...init,
    });

  test.each([false, true])('cut ends the connection (applies: %s)', async (applies) => {
    running.emulator.addFault({ kind: 'cut', applies });
    await expect(send()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
    expect(running.emulator.contacts()).toHaveLength(applies ? 1 : 0);
    expect((await send()).status).toBe(200);
  });

  test('hang lasts until the caller gives up', async () => {
    running.emulator.addFault({ kind: 'hang', applies: true });
    const leaving = new AbortController();
    const answer = send({ signal: leaving.signal });
    answer.catch(() => {});
    await vi.waitFor(() => expect(running.emulator.contacts()).toHaveLength(1));
    leaving.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect((await send()).status).toBe(200);
  });

  test('closing ends calls that hang', async () => {
    const other = await startEmulator();
    other.emulator.addFault({ kind: 'hang' });
    const answer = fetch(`${other.url}/api/v1/rest/contact/identify`);
    const failed = expect(answer).rejects.toThrow('fetch failed');
    await vi.waitFor(() => expect(other.emulator.journal()).toHaveLength(1));
    await other.close();
    await failed;
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { createRestCaller } from './caller.ts';

interface Told {
  readonly name: string;
  readonly data: unknown;
}

/** Reads server-sent events one by one. */
function createWatcher(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';

  async function next(): Promise<Told> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const value = (field: string) =>
          lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2) ?? '';
        return { name: value('event'), data: JSON.parse(value('data')) };
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('the stream ended');
      text += decoder.decode(value, { stream: true });
    }
  }

  /** Skips to the first event that passes. */
  async function until(test: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const told = await next();
      if (test(told)) return told;
    }
  }

  return { next, until, cancel: () => reader.cancel() };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function watch(emulator: { fetch: typeof fetch }) {
  const response = await emulator.fetch('http://sendx/_emulator/events');
  const watcher = createWatcher(response);
  closers.push(watcher.cancel);
  return { response, watcher };
}

describe('events', () => {
  test('begin with a snapshot of everything', async () => {
    const emulator = createEmulator();
    const { identify } = createRestCaller(emulator);
    await identify({ email: 'jane@example.com', tags: ['Account Upgrade'] });

    const { response, watcher } = await watch(emulator);
    expect(response.headers.get('Content-Type')).toBe('text/event-stream');
    const told = await watcher.next();
    expect(told).toEqual({
      name: 'snapshot',
      data: {
        contacts: [{ ...emulator.contact('jane@example.com'), lists: ['Paid users'] }],
        journal: emulator.journal(),
        automations: emulator.automations().rules,
        fired: emulator.automations().fired,
        faults: [],
        rules: emulator.rules(),
        totals: { contacts: 1, requests: 1, fired: 1 },
      },
    });
  });

  test('go on with each change in its order', async () => {
    const emulator = createEmulator();
    const { identify } = createRestCaller(emulator);
    const { watcher } = await watch(emulator);
    await watcher.next();

    await identify({ email: 'jane@example.com', tags: ['user registration'] });
    emulator.addFault({ kind: 'cut' });
    emulator.setRules({ badEmail: '400' });
    emulator.reset();

    const told = [];
    for (let event = 0; event < 7; event += 1) told.push(await watcher.next());
    expect(told.map(({ name }) => name)).toEqual([
      'request',
      'fired',
      'contact',
      'request',
      'faults',
      'rules',
      'snapshot',
    ]);
    expect(told[0]?.data).toMatchObject({ seq: 1, status: null });
    expect(told[2]?.data).toMatchObject({ contact: { email: 'jane@example.com' }, total: 1 });
    expect(told[3]?.data).toMatchObject({ seq: 1, status: 200 });
  });

  test('never tell the key', async () => {
    const emulator = createEmulator({ apiKey: 'S3cret' });
    const { identify } = createRestCaller(emulator);
    const { watcher } = await watch(emulator);
    await identify({ email: 'jane@example.com', note: 'S3cret' });
    await identify({ email: 'last@example.com' });
    const told: Told[] = [];
    await watcher.until((event) => {
      told.push(event);
      return JSON.stringify(event).includes('last@example.com');
    });
    expect(JSON.stringify(told)).not.toContain('S3cret');
  });

  test('a watcher who does not read holds nobody up, and skips to a snapshot', async () => {
    const { url, emulator, close } = await startEmulator({ limit: 50 });
    closers.push(close);
    const { identify } = createRestCaller(emulator);
    const slow = createWatcher(await fetch(`${url}/_emulator/events`));
    await slow.next();
    const quick = createWatcher(await fetch(`${url}/_emulator/events`));

    // Some 30 MB of changes: more than the queue and every socket buffer on the way hold.
    const calls = 400;
    const quickEnd = quick.until(({ data }) => JSON.stringify(data).includes('"end@example.com"'));
    for (let call = 0; call < calls; call += 1) {
      const customFields = { note: 'x'.repeat(70_000), call: String(call) };
      expect((await identify({ email: 'jane@example.com', customFields })).status).toBe(200);
    }
    await identify({ email: 'end@example.com' });
    await quickEnd;

    const names: string[] = [];
    const last = await slow.until(({ name, data }) => {
      names.push(name);
      return JSON.stringify(data).includes('"end@example.com"');
    });
    expect(names).toContain('snapshot');
    expect(names.length).toBeLessThan(calls);
    expect(last.name).toBe('snapshot');
    await Promise.all([slow.cancel(), quick.cancel()]);
  });

  test('a long body is named, not told; the journal has it whole', async () => {
    const emulator = createEmulator();
    const { identify } = createRestCaller(emulator);
    const { watcher } = await watch(emulator);
    const body = { email: 'jane@example.com', customFields: { note: 'x'.repeat(9_000) } };
    await identify(body);
    const { data } = await watcher.until(({ name }) => name === 'request');
    expect(data).toMatchObject({ body: expect.stringContaining('characters, not shown') });
    expect(emulator.journal()[0]?.body).toEqual(body);
  });
});

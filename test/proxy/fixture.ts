import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type {
  Envelope,
  IdentifyMessage,
  Message,
  Receipt,
  TrackMessage,
} from '../../src/protocol.ts';
import { createApp } from '../../src/proxy/app.ts';
import { holdsIncrement } from '../../src/proxy/delivery/increment.ts';
import type { DeliveryEvent } from '../../src/proxy/delivery.ts';
import { type Assets, loadAssets } from '../../src/proxy/http/assets.ts';
import { createLog, type Log } from '../../src/proxy/log.ts';
import { createMetrics, type Metrics } from '../../src/proxy/metrics.ts';
import type { Outbox } from '../../src/proxy/outbox/outbox.ts';
import { createSqliteOutbox } from '../../src/proxy/outbox/sqlite.ts';
import { type Rate, unlimited } from '../../src/proxy/policy/rate.ts';
import { parseSettings, type Settings } from '../../src/proxy/settings.ts';

/** The site of every test that needs none in particular. */
export const SITE = 'https://www.example.com';

/** Secret of every test that signs; at least 16 characters. */
export const SECRET = 'a-secret-of-the-site-itself';

const BASE = {
  SENDX_API_KEY: 'emulator-key',
  ALLOWED_ORIGINS: SITE,
  ALLOWED_TAGS: 'newsletter,viewed-*',
};

/** Settings from environment variables, as the operator writes them. */
export function settingsOf(env: Record<string, string> = {}): Settings {
  const parsed = parseSettings({ ...BASE, ...env }, () => '');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.settings;
}

/** A build's output small enough to compare by eye; the encodings are marked, not made. */
export const ASSETS: Assets = loadAssets((name) => {
  const manifest = {
    version: '1.2.3',
    files: {
      'sendx.js': { integrity: 'sha384-x', etag: '"abc"' },
      'debug.js': { integrity: 'sha384-y', etag: '"def"' },
    },
  };
  const texts: Record<string, string> = {
    'manifest.json': JSON.stringify(manifest),
    'sendx.js': '/* sendx.js plain */',
    'sendx.js.br': '/* sendx.js brotli */',
    'sendx.js.gz': '/* sendx.js gzip */',
    'debug.js': '/* debug.js plain */',
  };
  const text = texts[name];
  return text === undefined ? undefined : new TextEncoder().encode(text);
});

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sendx-proxy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real outbox on disk that closes when the test ends. */
export async function openTestOutbox(): Promise<Outbox> {
  const path = join(temporaryFolder(), 'outbox.sqlite');
  const outbox = await createSqliteOutbox({ path, holdsIncrement, reserveBytes: 0 });
  onTestFinished(() => outbox.close(0));
  return outbox;
}

/** What a test may replace. */
export interface TestParts {
  readonly env?: Record<string, string>;
  readonly outbox?: Pick<Outbox, 'append' | 'laneOf'>;
  readonly rates?: { readonly ip?: Rate; readonly contact?: Rate };
  readonly peer?: string;
}

/** A public port without a socket, with what it logged and measured. */
export interface TestApp {
  readonly app: ReturnType<typeof createApp>;
  readonly metrics: Metrics;
  readonly lines: readonly string[];
  /** Sends an envelope as a page of {@link SITE} does. */
  send(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Sends messages and returns their results. */
  results(messages: readonly unknown[]): Promise<Receipt['results']>;
}

/** The app on a real outbox unless `parts` say otherwise. */
export async function createTestApp(parts: TestParts = {}): Promise<TestApp> {
  const settings = settingsOf(parts.env);
  const outbox = parts.outbox ?? (await openTestOutbox());
  const { log, lines } = capturedLog();
  const stats = async () => ({ waiting: 0, oldestMs: 0, inFlight: 0, dead: 0 });
  const metrics = createMetrics({ stats, isCircuitOpen: () => false }, false);
  const app = createApp({
    settings,
    outbox,
    assets: ASSETS,
    rates: { ip: unlimited, contact: unlimited, ...parts.rates },
    telemetry: metrics,
    log,
    holdsIncrement,
    peerOf: () => parts.peer ?? '203.0.113.7',
  });
  const send = async (body: unknown, headers: Record<string, string> = {}) =>
    app.request('/v1/messages', {
      method: 'POST',
      headers: { Origin: SITE, 'Content-Type': 'text/plain;charset=UTF-8', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    app,
    metrics,
    lines,
    send,
    async results(messages) {
      const response = await send(envelope(messages));
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
      return ((await response.json()) as Receipt).results;
    },
  };
}

/** A log at level debug whose lines are kept. */
export function capturedLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = [];
  return { log: createLog('debug', { write: (line) => lines.push(line) }), lines };
}

/** An envelope around `messages`, valid or not. */
export function envelope(messages: readonly unknown[]): Omit<Envelope, 'messages'> & {
  readonly messages: readonly unknown[];
} {
  return { v: 1, sentAt: 1_763_955_600_123, messages };
}

let sequence = 0;
const nextId = () => `test-${(sequence++).toString(36)}`;

/** A valid identify with `changes`. */
export function identify(changes: Partial<IdentifyMessage> = {}): IdentifyMessage {
  const traits = { firstName: 'Jane' };
  return {
    id: nextId(),
    type: 'identify',
    at: 1_763_955_600_100,
    email: 'jane@example.com',
    traits,
    ...changes,
  };
}

/** A valid track with `changes`. */
export function track(changes: Partial<TrackMessage> = {}): TrackMessage {
  const addTags = ['newsletter'];
  return {
    id: nextId(),
    type: 'track',
    at: 1_763_955_600_101,
    email: 'jane@example.com',
    addTags,
    ...changes,
  };
}

/** A delivery that SendX took at once, with `changes`. */
export const delivery = (changes: Partial<DeliveryEvent> = {}): DeliveryEvent => ({
  id: 'a-1',
  lane: 'lane',
  type: 'identify',
  attempt: 1,
  verdict: 'done',
  status: 200,
  ms: 5,
  ...changes,
});

/** An outbox that keeps what it is given, for tests of what is given to it. */
export function recordingOutbox(): Pick<Outbox, 'append' | 'laneOf'> & {
  readonly kept: readonly Message[];
} {
  const kept: Message[] = [];
  return {
    kept,
    laneOf: (email) => email,
    append: async (messages) => {
      kept.push(...messages);
      return messages.map(() => 'stored' as const);
    },
  };
}

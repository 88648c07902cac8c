import type { Hono } from 'hono';
import { createApp } from './app.ts';
import { logDelivery, logTrip } from './delivery/deliveryLog.ts';
import { holdsIncrement } from './delivery/increment.ts';
import { createDelivery } from './delivery.ts';
import { errorFields } from './log/errorFields.ts';
import { openSendx } from './openSendx.ts';
import { createDirectOutbox } from './outbox/direct.ts';
import type { Gate } from './outbox/outbox.ts';
import { type ParsedSettings, parseSettings } from './settings.ts';
import { createConsoleLog } from './worker/consoleLog.ts';
import { type AssetBinding, fetchAssets } from './worker/fetchAssets.ts';
import { createEdgeLaneHash } from './worker/lane.ts';
import { createLogTelemetry } from './worker/logTelemetry.ts';
import { createWindowRate } from './worker/windowRate.ts';

/** What Cloudflare binds: the settings' variables and secrets by their names. */
export interface WorkerEnv {
  /** The build's scripts. Without it, they are served from elsewhere. */
  readonly ASSETS?: AssetBinding;
  readonly [variable: string]: unknown;
}

/** The part of Cloudflare's context that is used. */
export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** A Worker's handlers. */
export interface ProxyWorker {
  fetch(request: Request, env: WorkerEnv, context: WorkerContext): Promise<Response>;
}

/**
 * Isolates share nothing and a promise of one request must not be awaited by another, so the edge
 * has no common limit: the direct outbox bounds each request, and pauses when SendX holds back.
 */
const OPEN_GATE: Gate = { enter: async () => ({ leave: () => undefined }) };

/** Seconds after which a Worker that cannot work may be asked again. */
const RETRY_SECONDS = '30';

/**
 * Makes the proxy's public port as a Cloudflare Worker, with the direct outbox and no admin port:
 * `OUTBOX`, `HOST`, `PORT` and the limits of concurrency do not concern it. The visitor's address
 * is `CF-Connecting-IP`, which Cloudflare sets itself.
 */
export function createWorker(): ProxyWorker {
  let app: Hono | undefined;
  return {
    async fetch(request, env, context) {
      try {
        // Not a shared promise: see OPEN_GATE. The first of several wins.
        const built = app ?? (await buildApp(env));
        if ('problems' in built) {
          for (const problem of built.problems) console.error(problem);
          return unavailable();
        }
        app ??= built;
        const answer = Promise.resolve(app.fetch(request, env));
        // A page that leaves closes its connection, which would end the request half-way.
        context.waitUntil(answer);
        return await answer;
      } catch (error) {
        createConsoleLog('error').error('The Worker cannot work', errorFields(error));
        return unavailable();
      }
    },
  };
}

const unavailable = () =>
  Response.json(
    { error: 'unavailable' },
    { status: 503, headers: { 'Retry-After': RETRY_SECONDS } },
  );

function readSettings(env: WorkerEnv): ParsedSettings {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return parseSettings({ ...Object.fromEntries(variables), OUTBOX: 'direct' }, () => {
    throw new Error('A Worker has no files');
  });
}

async function buildApp(env: WorkerEnv): Promise<Hono | { readonly problems: readonly string[] }> {
  const parsed = readSettings(env);
  if ('problems' in parsed) return parsed;
  const { settings } = parsed;
  const assets = await fetchAssets(env.ASSETS).catch((error: Error) => error.message);
  if (typeof assets === 'string') return { problems: [assets] };
  const log = createConsoleLog(settings.logLevel);
  const outbox = createDirectOutbox({ laneOf: await createEdgeLaneHash(settings.apiKey.reveal()) });
  const deliver = createDelivery({
    sendx: openSendx(settings),
    trip: (reason) => logTrip(log, reason),
    observe: (event) => logDelivery(log, event),
  });
  void outbox.run(deliver, OPEN_GATE);
  return createApp({
    settings,
    outbox,
    assets,
    rates: {
      ip: createWindowRate(settings.rateIp),
      contact: createWindowRate(settings.rateContact),
    },
    telemetry: createLogTelemetry(log),
    log,
    holdsIncrement,
    keepSignatures: true,
    peerOf: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
  });
}

// Cloudflare calls what a Worker exports by default.
export default createWorker();

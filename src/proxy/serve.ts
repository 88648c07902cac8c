import { readInstallFacts } from './admin/installFacts.ts';
import { createTally } from './admin/tally.ts';
import { createAdmin } from './admin.ts';
import { createApp } from './app.ts';
import { logDelivery, logTrip } from './delivery/deliveryLog.ts';
import { createGate } from './delivery/gate.ts';
import { holdsIncrement } from './delivery/increment.ts';
import { createUpstreamWatch } from './delivery/upstreamHealth.ts';
import { createDelivery } from './delivery.ts';
import type { Assets } from './http/assets.ts';
import { type Listener, listen } from './http/listener.ts';
import { localUrl } from './http/localUrl.ts';
import { errorFields } from './log/errorFields.ts';
import type { Log } from './log.ts';
import { readStoreDisk } from './metrics/storeDisk.ts';
import { createMetrics } from './metrics.ts';
import { openSendx } from './openSendx.ts';
import { createLiveOperator } from './operator/operator.ts';
import type { Outbox } from './outbox/outbox.ts';
import { watchStore } from './outbox/storeWatch.ts';
import type { Rates } from './policy/openRates.ts';
import { describeOpenDoors } from './settings/openDoors.ts';
import type { Settings } from './settings.ts';

/** What a proxy is started with. */
export interface ServeParts {
  readonly settings: Settings;
  readonly outbox: Outbox;
  readonly rates: Rates;
  readonly assets: Assets;
  readonly log: Log;
  /** Process metrics too. @defaultValue true */
  readonly processMetrics?: boolean;
}

/** A proxy that runs. */
export interface RunningProxy {
  /** Where this machine reaches the public port, without a slash at the end. */
  readonly url: string;
  /** The same of the admin port. */
  readonly adminUrl: string;
  readonly port: number;
  readonly adminPort: number;
  /**
   * Turns unready, stops accepting, lets requests and deliveries in flight end, closes the outbox.
   * What takes longer than the grace is cut: nothing that was answered is lost.
   */
  close(): Promise<void>;
}

/**
 * Starts a proxy: both ports and the delivery.
 *
 * @throws {Error} Node's own when a port cannot be listened on; nothing runs then.
 */
export async function serve(parts: ServeParts): Promise<RunningProxy> {
  const { settings, outbox, rates, assets, log, processMetrics = true } = parts;
  const { maxConcurrency = 8, ratePerSecond } = settings;
  const gate = createGate({ maxConcurrency, ...(ratePerSecond && { ratePerSecond }) });
  const isCircuitOpen = () => gate.state() !== 'closed';
  const { outbox: place } = settings;
  const disk = place.kind === 'sqlite' ? () => readStoreDisk(place.path) : undefined;
  const metrics = createMetrics({ stats: outbox.stats, disk, isCircuitOpen }, processMetrics);
  const tally = createTally(metrics);
  const upstream = createUpstreamWatch(gate);
  const deliver = createDelivery({
    sendx: openSendx(settings),
    trip(reason, retryAfterMs) {
      if (!isCircuitOpen()) logTrip(log, reason);
      gate.trip(reason, retryAfterMs);
    },
    observe(event) {
      tally.delivered(event);
      upstream.delivered(event);
      logDelivery(log, event);
    },
  });

  const store = watchStore(outbox);
  let isClosing = false;
  let hasStopped = false;
  const unready = () => {
    if (isClosing) return 'the proxy is shutting down';
    if (hasStopped) return 'the delivery to SendX has stopped; start the proxy anew';
    return store.fault();
  };
  const app = createApp({
    settings,
    outbox: { append: store.append, laneOf: outbox.laneOf },
    assets,
    rates,
    telemetry: tally,
    log,
    holdsIncrement,
    keepSignatures: settings.outbox.kind === 'direct',
  });
  const admin = createAdmin({
    operator: createLiveOperator(outbox, assets.version, upstream.read),
    metrics,
    counts: tally.counts,
    install: await readInstallFacts(assets, settings),
    unready,
    host: settings.adminHost,
    log,
  });

  const adminPort = await listen({
    fetch: admin.fetch,
    host: settings.adminHost,
    port: settings.adminPort,
  });
  const publicPort = await listen({
    fetch: app.fetch,
    host: settings.host,
    port: settings.port,
  }).catch(async (error: unknown) => {
    await adminPort.close(0);
    throw error;
  });
  const running = outbox.run(deliver, gate).catch((error: unknown) => {
    hasStopped = true;
    log.error('The delivery stopped', errorFields(error));
  });
  const urls = {
    url: localUrl(settings.host, publicPort.port),
    adminUrl: localUrl(settings.adminHost, adminPort.port),
  };
  log.info('Listening', {
    ...urls,
    port: publicPort.port,
    version: assets.version,
    outbox: settings.outbox.kind,
    open: describeOpenDoors(settings),
  });

  return {
    ...urls,
    port: publicPort.port,
    adminPort: adminPort.port,
    async close() {
      isClosing = true;
      const graceMs = settings.shutdownSeconds * 1000;
      log.info('Shutting down');
      await closeInOrder(publicPort, adminPort, outbox, graceMs);
      await running;
      await rates.close();
      log.info('Stopped');
    },
  };
}

async function closeInOrder(
  publicPort: Listener,
  adminPort: Listener,
  outbox: Outbox,
  graceMs: number,
): Promise<void> {
  const deadline = Date.now() + graceMs;
  const left = () => Math.max(0, deadline - Date.now());
  // Requests first: each still needs the outbox to be answered.
  await publicPort.close(graceMs);
  await outbox.close(left());
  // Last, so that health and metrics can be read until the end.
  await adminPort.close(0);
}

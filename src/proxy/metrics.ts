import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DeliveryEvent } from './delivery.ts';
import { processMetrics } from './metrics/processMetrics.ts';
import { createStoreGauges, type StoreSources } from './metrics/storeGauges.ts';
import type { Telemetry } from './telemetry.ts';

/** {@link Telemetry} that can be read, with what the delivery tells. */
export interface Metrics extends Telemetry {
  /** One attempt to deliver to SendX. */
  delivered(event: DeliveryEvent): void;
  /** All of it in Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What is asked at each reading. */
export interface MetricsSources extends StoreSources {
  /** Whether deliveries are held back for every lane. */
  readonly isCircuitOpen: () => boolean;
}

const HTTP_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const APPEND_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
const DELIVERY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/**
 * Metrics that answer, above all, how many calls were lost and where: in browsers (`lost`), at
 * the policy (`results` refused), at SendX (`dead`), or not lost yet (`waiting`, `oldest`).
 *
 * @param defaults - process and event-loop metrics too. @defaultValue true
 */
export function createMetrics(sources: MetricsSources, defaults = true): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const ofProcess = defaults ? processMetrics() : undefined;

  const requests = new Histogram({
    name: 'sendx_proxy_request_seconds',
    help: 'Requests on the public port, by part and status.',
    labelNames: ['route', 'status'],
    buckets: HTTP_SECONDS,
    registers,
  });
  const results = new Counter({
    name: 'sendx_proxy_results_total',
    help: 'Messages answered: accepted, duplicate, refused (with a code) or later.',
    labelNames: ['status', 'code'],
    registers,
  });
  const lost = new Counter({
    name: 'sendx_proxy_browser_lost_total',
    help: 'Messages that browsers gave up before the proxy saw them, as they report it.',
    labelNames: ['reason'],
    registers,
  });
  const aborted = new Counter({
    name: 'sendx_proxy_aborted_bodies_total',
    help: 'Requests whose body never arrived in full; browsers keep and repeat these.',
    registers,
  });
  const appends = new Histogram({
    name: 'sendx_proxy_append_seconds',
    help: 'Time until the messages of one request were durable.',
    buckets: APPEND_SECONDS,
    registers,
  });
  const appended = new Counter({
    name: 'sendx_proxy_appended_messages_total',
    help: 'Messages given to the outbox, duplicates included.',
    registers,
  });
  const deliveries = new Histogram({
    name: 'sendx_proxy_delivery_seconds',
    help: 'Attempts to deliver to SendX, by verdict, failure and status (0: no answer).',
    labelNames: ['verdict', 'failure', 'status'],
    buckets: DELIVERY_SECONDS,
    registers,
  });
  const dead = new Counter({
    name: 'sendx_proxy_dead_total',
    help: 'Messages that became dead letters, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const circuit = new Gauge({
    name: 'sendx_proxy_circuit_open',
    help: '1 while SendX is down or refuses the key.',
    registers,
  });
  const refreshStore = createStoreGauges(sources, registry);

  for (const reason of ['expired', 'evicted']) lost.inc({ reason }, 0);
  for (const reason of ['rejected', 'expired', 'ambiguous']) dead.inc({ reason }, 0);

  return {
    request: (route, status, seconds) => requests.observe({ route, status }, seconds),
    result: (status, code) => results.inc({ status, code: code ?? '' }),
    lost: ({ expired, evicted }) => {
      lost.inc({ reason: 'expired' }, expired);
      lost.inc({ reason: 'evicted' }, evicted);
    },
    appended: (messages, seconds) => {
      appended.inc(messages);
      appends.observe(seconds);
    },
    aborted: () => aborted.inc(),
    delivered: ({ verdict, failure, status, reason, ms }) => {
      const labels = { verdict, failure: failure ?? '', status: status ?? 0 };
      deliveries.observe(labels, ms / 1000);
      if (reason !== undefined) dead.inc({ reason });
    },
    async text() {
      await refreshStore();
      circuit.set(sources.isCircuitOpen() ? 1 : 0);
      const own = await registry.metrics();
      return ofProcess === undefined ? own : own + (await ofProcess.metrics());
    },
    contentType: registry.contentType,
  };
}

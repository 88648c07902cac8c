import type { Lost, RefusalCode, Result } from '../protocol.ts';

/** Parts of the public port, as labels: a path is never a label. */
export type Route = 'messages' | 'script' | 'other';

/**
 * What the HTTP side tells about itself. No argument is, or is made from, an e-mail address, a
 * key, a URL or an origin.
 */
export interface Telemetry {
  request(route: Route, status: number, seconds: number): void;
  result(status: Result['status'], code?: RefusalCode): void;
  /** What browsers gave up, as they report it. */
  lost(lost: Lost): void;
  /** One durable append. */
  appended(messages: number, seconds: number): void;
  /** A body that ended before its length, or never. */
  aborted(): void;
}

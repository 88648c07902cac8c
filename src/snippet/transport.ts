import type { Result } from '../protocol.ts';
import { attempt } from './attempt.ts';
import { retryAfter } from './retry.ts';

/** What one attempt brought. */
export interface Outcome {
  /** 0 where nobody answered, or somebody else than the proxy did. */
  readonly status: number;
  /** Of a receipt: only the messages that it names are settled. */
  readonly results?: readonly Result[];
  /** Milliseconds that the proxy asked to wait; 0 where it did not. */
  readonly afterMs?: number;
}

/** One attempt at a time. */
export interface Transport {
  /** Starts before it returns; `done` is called once, later. */
  send(body: string, done: (outcome: Outcome) => void): void;
  /** For a page that leaves. `false`: the browser refused it. */
  beacon(body: string): boolean | undefined;
}

/** A request without an answer for 30 s is given up, so that it does not hold up the next. */
const TIMEOUT_MS = 30_000;

/** The parts of `window` that are used, looked up at each use: pages patch them. */
export interface Network {
  readonly fetch: typeof fetch;
  readonly navigator: { sendBeacon(url: string, body: string): boolean };
}

/**
 * @param endpoint - URL of the proxy's message endpoint.
 */
export function createTransport(
  network: Network,
  endpoint: () => string,
  now: () => number,
): Transport {
  const beacon = (body: string) => attempt(() => network.navigator.sendBeacon(endpoint(), body));
  return {
    send(body, done) {
      const finish = (outcome: Outcome) => {
        clearTimeout(timer);
        done(outcome);
        done = () => {};
      };
      const none = () => finish({ status: 0 });
      const timer = setTimeout(none, TIMEOUT_MS);
      attempt(() =>
        network
          // A string body is text/plain, so that no preflight is needed. The options inherit
          // nothing: WebIDL reads inherited members as well, a polluted prototype's too.
          .fetch(endpoint(), {
            __proto__: null,
            method: 'POST',
            body,
            keepalive: true,
            credentials: 'omit',
          } as RequestInit)
          .then(async (response) => {
            const { ok, status, headers } = response;
            const afterMs = retryAfter(headers.get('Retry-After'), now());
            // A captive portal answers 200 too, with a page: that rejects.
            finish({ status, afterMs, results: ok ? (await response.json()).results : [] });
          })
          // A page that leaves hears its fetch rejected although the request lives on; its timers
          // are silent by then, so the next page need not wait for a failure that was none.
          .catch(() => setTimeout(none)),
      ) ||
        // The page's own fetch threw, is none, or returns no promise. A beacon tells nothing of its
        // fate, so the messages stay and are tried again.
        setTimeout(none, 0, beacon(body));
    },
    beacon,
  };
}

import type { Result } from '../protocol.ts';
import { attempt } from './attempt.ts';
import { retryAfter } from './retry.ts';

/** What one attempt brought. */
export interface Outcome {
  /** 0 where nobody answered; -1 where a beacon took the messages, which tells nothing of their fate. */
  readonly status: number;
  /** Of a receipt: only the messages that it names are settled. */
  readonly results?: readonly Result[] | undefined;
  /** Milliseconds that the proxy asked to wait; 0 where it did not. */
  readonly afterMs?: number;
}

/** One attempt at a time. */
export interface Transport {
  /** Starts before it returns. Never rejects. */
  send(body: string): Promise<Outcome>;
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
  const post = (body: string, keepalive: boolean): Promise<Outcome> =>
    network
      // A string body is text/plain, so that no preflight is needed. The options inherit nothing:
      // WebIDL reads a dictionary's inherited members, a polluted prototype's too.
      .fetch(endpoint(), {
        __proto__: null,
        method: 'POST',
        body,
        keepalive,
        credentials: 'omit',
      } as RequestInit)
      .then(
        (response): Outcome | Promise<Outcome> => {
          const { status } = response;
          const afterMs = retryAfter(response.headers.get('Retry-After'), now());
          return response.ok
            ? response.json().then(
                ({ results }) => ({ status, results }),
                () => ({ status }),
              )
            : { status, afterMs };
        },
        // The 64 KiB keepalive budget is shared with every other script on the page (Fetch spec,
        // "HTTP-network-or-cache fetch"): exhausted, it looks like a network error.
        () => (keepalive ? post(body, false) : { status: 0 }),
      );
  return {
    send: (body) =>
      new Promise((resolve) => {
        setTimeout(resolve, TIMEOUT_MS, { status: 0 });
        // The page's own fetch may throw, be none, or return no promise.
        attempt(() => post(body, true).then(resolve, () => resolve({ status: 0 }))) ||
          resolve({ status: beacon(body) ? -1 : 0 });
      }),
    beacon,
  };
}

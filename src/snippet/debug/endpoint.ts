import type { Verdict } from './explain.ts';

/** What the check works with. */
export interface EndpointParts {
  readonly fetch: typeof fetch;
  /** The page's address. */
  readonly location: { readonly protocol: string; readonly origin: string };
  readonly onLine: () => boolean;
  /** Whether the page's Content-Security-Policy has blocked a request to this address by now. */
  readonly isForbidden: (url: string) => boolean;
}

/** Longer than any proxy that works takes. */
const TIMEOUT_MS = 8000;

/** What an accepted or refused message proves. */
export const PROVEN: Verdict = {
  tone: 'good',
  text: 'The proxy takes messages from this site.',
};

/** Tells of an answer to messages that was no receipt. */
export const tellStatus = ({
  status,
  reason,
}: {
  readonly status: unknown;
  readonly reason?: string;
}): Verdict => ({
  tone: 'bad',
  text: `The endpoint answers ${status} to messages: ${reason === 'misconfigured' ? 'everything is kept in this browser; nothing more is tried on this page' : 'it is down or busy; everything is kept and sent later'}.`,
});

/**
 * Finds out whether the proxy lets messages in from this page, and if not, why: one sentence. It
 * sends an envelope without messages, which takes their way as far as the outbox and counts in
 * RATE_LIMIT_IP and in the metrics of requests; an answer other than 2xx, such as a GET has, would
 * be an error on the console.
 */
export async function checkEndpoint(
  endpoint: string | undefined,
  { fetch, location, onLine, isForbidden }: EndpointParts,
): Promise<Verdict> {
  const bad = (text: string): Verdict => ({ tone: 'bad', text });
  if (!endpoint)
    return bad(
      'No endpoint is known: set data-endpoint on the script tag, or call sendx("config", { endpoint: "https://…/v1/messages" }).',
    );
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    return bad(`The endpoint is no address: it must be like https://t.example.com/v1/messages.`);
  }
  const { href, host, origin, protocol, hostname } = url;
  if (
    location.protocol === 'https:' &&
    protocol === 'http:' &&
    !/^(localhost|127\.)/.test(hostname)
  )
    return bad('The page is https and the endpoint http, which browsers block: use https.');

  const ask = (address: string, mode: RequestMode, request?: RequestInit) =>
    Promise.race([
      fetch(address, { mode, credentials: 'omit', cache: 'no-store', ...request }).catch(
        () => undefined,
      ),
      new Promise<undefined>((resolve) => setTimeout(resolve, TIMEOUT_MS)),
    ]);

  const answer = await ask(href, 'cors', {
    method: 'POST',
    body: '{"v":1,"sentAt":0,"messages":[]}',
  });
  if (answer && /429|5../.test(`${answer.status}`)) return tellStatus(answer);
  const receipt = answer?.ok && (await answer.json().catch(() => 0));
  // fetch repeats a POST behind 307 and 308, and asks by GET behind 301, 302 and 303.
  if (answer?.redirected)
    return receipt?.results
      ? {
          ...PROVEN,
          text: `${PROVEN.text} The endpoint redirects to ${answer.url}, which costs a round trip.`,
        }
      : bad(`The endpoint redirects to ${answer.url}, where messages do not arrive.`);
  if (receipt?.results) return PROVEN;
  if (answer)
    return bad(
      `Wrong URL: ${host} answers ${answer.status} at ${url.pathname}, but no sendx proxy is there.`,
    );
  // The event that tells of it comes in a task after the rejection.
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (isForbidden(href))
    return bad(`The page’s Content-Security-Policy blocks it: add ${origin} to connect-src.`);
  if (!onLine()) return bad('This browser is offline: everything is kept and sent later.');
  if (await ask(href, 'no-cors')) {
    const script = await ask(new URL('sendx.js', href).href, 'cors');
    return script?.ok
      ? bad(`The proxy does not take messages from ${location.origin}: add it to ALLOWED_ORIGINS.`)
      : bad(
          `${host} answers without CORS headers: the URL is wrong, or a server in between removes them.`,
        );
  }
  return (await ask(`${origin}/`, 'no-cors'))
    ? bad(`A browser extension or filter blocks ${href}: try a private window without extensions.`)
    : bad(
        `Unreachable: nobody answers at ${host}. If it opens in a new tab, an extension blocks it here.`,
      );
}

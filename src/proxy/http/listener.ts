import { createAdaptorServer } from '@hono/node-server';

/** A port that is listened on. */
export interface Listener {
  /** The port in use, also where 0 was asked for. */
  readonly port: number;
  /** Accepts nothing more, lets requests in flight end, cuts them after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** What to listen on and who answers. */
export interface ListenerParts {
  readonly fetch: (request: Request, env: unknown) => Response | Promise<Response>;
  readonly host: string;
  readonly port: number;
}

/**
 * Against clients that send slowly or much. Node's own defaults are 60 s, 300 s and a check every
 * 30 s. An honest request is one packet of headers and at most 64 KiB.
 */
const SERVER_OPTIONS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
  /** Bytes; more is answered 431. */
  maxHeaderSize: 8_192,
  insecureHTTPParser: false,
};

/** A connection ends after so many requests, so that balancers can spread the visitors anew. */
const MAX_REQUESTS_PER_SOCKET = 1_000;

/** File descriptors are finite; a connection costs some 20 KB beside. */
const MAX_CONNECTIONS = 10_000;

/** Milliseconds between two looks for connections that fell idle during a close. */
const IDLE_CHECK_MS = 50;

/**
 * Listens.
 *
 * @throws {Error} Node's own, with `code` `EADDRINUSE`, `EACCES` or `EADDRNOTAVAIL`.
 */
export async function listen({ fetch, host, port }: ListenerParts): Promise<Listener> {
  let isClosing = false;
  const server = createAdaptorServer({
    serverOptions: SERVER_OPTIONS,
    fetch(request, env) {
      // The answer carries `Connection: close` then.
      if (isClosing && 'shouldKeepAlive' in env.outgoing) env.outgoing.shouldKeepAlive = false;
      return fetch(request, env);
    },
  });
  if (!('closeIdleConnections' in server)) throw new Error('The server speaks HTTP/1.1 only.');
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: (graceMs) =>
      new Promise((resolve) => {
        isClosing = true;
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
        const grace = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(grace);
          resolve();
        });
      }),
  };
}

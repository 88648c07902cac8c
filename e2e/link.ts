import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the link does to a request: nothing and pass it on, answer in the proxy's stead, or cut. */
export interface Weather {
  /**
   * Milliseconds of a round trip. A connection stands after one, and what its page gives up before
   * then was never sent; a request and its answer take half each.
   */
  readonly latencyMs?: number;
  /** `cut` closes the connection unanswered, as a dead network does. */
  readonly fault?:
    | 'cut'
    | 'hang'
    | {
        readonly status: number;
        readonly headers?: Record<string, string>;
        readonly body?: string;
        /** Only bodies of more bytes than this. */
        readonly over?: number;
      };
}

/** One request that came over the link. */
export interface Passage {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
}

/** The road between the browser and the proxy. */
export interface Link {
  readonly url: string;
  /** Requests to the message endpoint, preflights among them, in order. */
  passages(): readonly Passage[];
  /** @param path - Only requests whose path contains it; all without. */
  set(weather: Weather, path?: string): void;
  /** Clear weather, and nothing remembered. */
  clear(): void;
  /** Closes the connections that nobody uses: the next request makes its own, as a stranger's. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Starts a link to the proxy on `port`. */
export async function startLink(port: () => number): Promise<Link> {
  let weathers: { weather: Weather; path: string }[] = [];
  let passages: Passage[] = [];
  const waiting = new Set<ServerResponse>();
  const opened = new WeakMap<Socket, number>();

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => {});
    const cross = ({ latencyMs = 0, fault }: Weather) => {
      const { url: path = '/', method = 'GET', headers, socket } = incoming;
      if (socket.readableEnded || socket.destroyed) return;
      const body = Buffer.concat(chunks);
      if (path.endsWith('/messages'))
        passages.push({ method, path, body: body.toString(), at: Date.now() });
      if (fault === 'cut') return void incoming.socket.destroy();
      if (fault === 'hang') return void waiting.add(response);
      if (fault && body.length > (fault.over ?? -1)) {
        const origin = headers.origin ?? '*';
        const cors = {
          'Access-Control-Allow-Origin': origin,
          'Access-Control-Expose-Headers': 'Retry-After',
        };
        return void response.writeHead(fault.status, { ...cors, ...fault.headers }).end(fault.body);
      }
      const pass = () => {
        const onward = request(
          { port: port(), host: '127.0.0.1', path, method, headers },
          (answer) => {
            setTimeout(() => {
              response.writeHead(answer.statusCode ?? 502, answer.headers);
              answer.pipe(response);
            }, latencyMs / 2);
          },
        );
        onward.on('error', () => incoming.socket.destroy());
        onward.end(body);
      };
      setTimeout(pass, latencyMs / 2);
    };
    incoming.on('end', () => {
      const { url: path = '/', socket } = incoming;
      const weather = weathers.find((one) => path.includes(one.path))?.weather ?? {};
      const stands = (opened.get(socket) ?? 0) + (weather.latencyMs ?? 0);
      setTimeout(cross, stands - Date.now(), weather);
    });
  });
  server.on('connection', (socket) => opened.set(socket, Date.now()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${own}`,
    passages: () => passages,
    set(weather, path = '') {
      weathers = [{ weather, path }, ...weathers.filter((one) => one.path !== path)];
    },
    clear() {
      weathers = [];
      passages = [];
      for (const response of waiting) response.destroy();
      waiting.clear();
    },
    hangUp: () => server.closeIdleConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path of the site answers. */
export interface Page {
  readonly html: string;
  /** @defaultValue 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
}

/** One request that the site got. */
export interface Visit {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

/** A customer's web site, with whatever pages a test needs. */
export interface Pages {
  /** Its origin. */
  readonly origin: string;
  /** The same site by another name: a foreign origin to the browser. */
  readonly foreign: string;
  /** The origins of {@link Pages.at}, as the proxy lists them. */
  readonly everywhere: string;
  /** The same site by a name of its own below localhost: an origin, and so a storage, of its own. */
  at(name: string): string;
  set(path: string, page: Page | string): void;
  /** Requests for a path, oldest first. */
  visits(path: string): readonly Visit[];
  close(): Promise<void>;
}

/** Starts a site; a path without a page answers 404, whatever the method. */
export async function startPages(): Promise<Pages> {
  const pages = new Map<string, Page>();
  const visits = new Map<string, Visit[]>();
  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/' } = incoming;
    const { pathname } = new URL(url, 'http://site');
    const page = pages.get(pathname);
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const visit = { method, url, body: Buffer.concat(chunks).toString() };
      visits.set(pathname, [...(visits.get(pathname) ?? []), visit]);
    });
    const answer = () =>
      response
        .writeHead(page ? (page.status ?? 200) : 404, {
          'Content-Type': 'text/html; charset=utf-8',
          'Cache-Control': 'no-cache',
          ...page?.headers,
        })
        .end(page?.html ?? 'not found');
    setTimeout(answer, page?.delayMs ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    foreign: `http://127.0.0.1:${port}`,
    everywhere: `http://*.site.localhost:${port}`,
    at: (name) => `http://${name}.site.localhost:${port}`,
    set: (path, page) => pages.set(path, typeof page === 'string' ? { html: page } : page),
    visits: (path) => visits.get(path) ?? [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

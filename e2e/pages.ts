import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path of the site answers. */
export interface Page {
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
}

/** A customer's web site, with whatever pages a test needs. */
export interface Pages {
  /** Its origin. */
  readonly origin: string;
  /** The same site by another name: a foreign origin to the browser. */
  readonly foreign: string;
  set(path: string, page: Page | string): void;
  close(): Promise<void>;
}

/** Starts a site; a path without a page answers 404, whatever the method. */
export async function startPages(): Promise<Pages> {
  const pages = new Map<string, Page>();
  const server = createServer((incoming, response) => {
    incoming.resume();
    const page = pages.get(new URL(incoming.url ?? '/', 'http://site').pathname);
    const answer = () =>
      response
        .writeHead(page ? 200 : 404, {
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
    set: (path, page) => pages.set(path, typeof page === 'string' ? { html: page } : page),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { parseSiteFile } from './siteFile.ts';
import { fillTemplate } from './template.ts';

/** What a site is made of. */
export interface SiteOptions {
  /** Folder with the pages. Each file in its `_parts` is a placeholder named as the file. */
  readonly folder: string;
  /** Values for the pages' placeholders. */
  readonly replacements: Readonly<Record<string, string>>;
}

/** What a listening site is made of. */
export interface StartSiteOptions extends SiteOptions {
  /** 0 takes any free port. @defaultValue 0 */
  readonly port?: number;
}

/** A site that listens. */
export interface RunningSite {
  /** Origin without a trailing slash. */
  readonly url: string;
  /** Resolves once the port is free again; open connections are cut. */
  readonly close: () => Promise<void>;
}

const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * The demo's pages as a web application. Files are read at every request, so an edit shows on
 * reload. Each answer has its own `{{nonce}}` for pages under a content security policy, and parts
 * such as the header mark their link to the page itself.
 *
 * @param options - Where the pages are and what goes into them.
 * @returns The application; `request` answers without a socket.
 */
export function createSite({ folder, replacements }: SiteOptions): Hono {
  const renderPage = async (file: string, path: string): Promise<string> => {
    const template = await readFile(join(folder, file), 'utf8');
    const values = { ...replacements, nonce: randomBytes(16).toString('base64') };
    const parts: Record<string, string> = {};
    const link = `href="${path}"`;
    for (const part of await readdir(join(folder, '_parts'))) {
      const text = fillTemplate(await readFile(join(folder, '_parts', part), 'utf8'), values);
      const marked = text.trim().replace(link, `${link} aria-current="page"`);
      parts[part.replace(/\.\w+$/, '')] = marked;
    }
    return fillTemplate(template, { ...values, ...parts });
  };

  const app = new Hono();
  // The form's data has gone its way by script; a real shop would read the body here as well.
  app.post('/thanks', (c) => c.redirect('/thanks', 303));
  app.get('*', async (c) => {
    const file = parseSiteFile(c.req.path);
    if (file === undefined) return c.notFound();
    try {
      const body = file.page
        ? await renderPage(file.path, c.req.path)
        : await readFile(join(folder, file.path));
      return c.body(body, 200, { ...HEADERS, 'Content-Type': file.type });
    } catch (error) {
      if (isMissing(error)) return c.notFound();
      throw error;
    }
  });
  app.all('*', (c) => c.text('Pages here are only read.', 405, { ...HEADERS, Allow: 'GET, HEAD' }));
  app.notFound(async (c) => c.html(await renderPage('404.html', c.req.path), 404, { ...HEADERS }));
  app.onError((error, c) => c.text(`The page could not be made. ${error.message}`, 500, HEADERS));
  return app;
}

/**
 * Serves {@link createSite} on the loopback interface.
 *
 * @param options - The site and its port.
 * @returns The address and how to stop.
 * @throws The listening socket's error, such as `EADDRINUSE`.
 */
export async function startSite({ port = 0, ...site }: StartSiteOptions): Promise<RunningSite> {
  const server = createAdaptorServer({ fetch: createSite(site).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${taken}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

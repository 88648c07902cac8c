import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createSite, type RunningSite, startSite } from '../../demo/site.ts';

const folder = fileURLToPath(new URL('../../demo/site/', import.meta.url));
const replacements = {
  stub: 'window.sendx = /* the stub & more */ window.sendx',
  loader: '/* adds the library */',
  snippet: '/* the library */',
  version: '1.2.3',
  integrity: 'sha384-hash',
  site: 'http://localhost:8080',
  proxy: 'http://proxy.test',
  emulator: 'http://emulator.test/',
  admin: 'http://admin.test',
};
const site = createSite({ folder, replacements });

const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html') && !file.startsWith('_parts'))
  .map((file) => `/${file.replaceAll('\\', '/').replace(/(^|\/)index\.html$|\.html$/, '$1')}`)
  .filter((path) => path !== '/404');

describe('createSite', () => {
  it.each(pages)(
    'serves %s whole: title, language, landmark, no placeholder left',
    async (path) => {
      const answer = await site.request(path);
      const html = await answer.text();
      expect(answer.status, html).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(html).toMatch(/^<!doctype html>\n<html lang="en">/i);
      expect(html).toMatch(/<title>.+<\/title>/);
      expect(html).toContain('<main id="main"');
      expect(html).not.toMatch(/\{\{|\}\}\}/);
    },
  );

  it.each(pages)('links on %s only to pages and files that exist', async (path) => {
    const html = await (await site.request(path)).text();
    const links = [...html.matchAll(/(?:href|action)="(\/[^"#?]*)[^"]*"/g)].map(
      ([, to]) => to ?? '',
    );
    expect(links.length).toBeGreaterThan(0);
    for (const to of new Set(links)) {
      expect((await site.request(to)).status, `${path} links to ${to}`).toBe(200);
    }
  });

  it('puts the stub into the head as it is, and the script from the proxy', async () => {
    const html = await (await site.request('/pricing')).text();
    expect(html).toContain(`<script>${replacements.stub}</script>`);
    expect(html).toContain('<script async src="http://proxy.test/v1/sendx.js"></script>');
    expect(html.indexOf(replacements.stub)).toBeLessThan(html.indexOf('<script async'));
  });

  it('pins a version by address and hash', async () => {
    const html = await (await site.request('/recipes/pinned')).text();
    expect(html).toContain('src="http://proxy.test/1.2.3/sendx.js" integrity="sha384-hash"');
  });

  it('shows code escaped where a page explains it', async () => {
    const html = await (await site.request('/how-it-works')).text();
    expect(html).toContain('&lt;script&gt;window.sendx = /* the stub &amp; more */');
  });

  it('sends the form to another address', async () => {
    const body = new URLSearchParams({ email: 'jane@example.com' });
    const answer = await site.request('/thanks', { method: 'POST', body });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/thanks');
  });

  it('marks the link to the page itself', async () => {
    expect(await (await site.request('/pricing')).text()).toContain(
      'href="/pricing" aria-current="page"',
    );
    expect(await (await site.request('/thanks')).text()).not.toContain('aria-current');
  });

  it('lets nothing be cached or sniffed', async () => {
    for (const path of ['/', '/base.css']) {
      const { headers } = await site.request(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('gives every answer a nonce of its own', async () => {
    const nonce = async () => {
      const html = await (await site.request('/recipes/strict-csp')).text();
      return /nonce-([^']+)'/.exec(html)?.[1];
    };
    const first = await nonce();
    expect(first).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(await nonce()).not.toBe(first);
  });

  it('answers an unknown address with a page', async () => {
    const answer = await site.request('/no-such-page');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('cracked in the kiln');
  });

  it('answers 405 to what only a form target may get', async () => {
    const answer = await site.request('/pricing', { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  it('says which placeholder has no value', async () => {
    const { stub: _, ...rest } = replacements;
    const answer = await createSite({ folder, replacements: rest }).request('/');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('{{{stub}}}');
  });
});

/** Sends a request line that no URL parser has tidied, and resolves to the status line. */
const raw = (url: string, target: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });

describe('startSite', () => {
  let running: RunningSite | undefined;
  afterEach(() => running?.close());

  it('listens on a free port until it is closed', async () => {
    running = await startSite({ folder, replacements });
    const { url } = running;
    expect((await fetch(`${url}/pricing`)).status).toBe(200);
    await running.close();
    running = undefined;
    await expect(fetch(url)).rejects.toThrow();
  });

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/_parts/head.html',
  ])('serves no file for %s on the wire', async (target) => {
    running = await startSite({ folder, replacements });
    expect(await raw(running.url, target)).toMatch(/^HTTP\/1\.1 40[04]/);
  });

  it('rejects where the port is taken', async () => {
    running = await startSite({ folder, replacements });
    const port = Number(new URL(running.url).port);
    await expect(startSite({ folder, replacements, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

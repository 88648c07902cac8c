import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSiteFile } from '../../demo/siteFile.ts';

describe('parseSiteFile', () => {
  it.each([
    ['/', 'index.html', true],
    ['/pricing', 'pricing.html', true],
    ['/recipes/', 'recipes/index.html', true],
    ['/recipes/tag-manager', 'recipes/tag-manager.html', true],
    ['/base.css', 'base.css', false],
    ['/recipes/tag.js', 'recipes/tag.js', false],
  ])('maps %s to %s', (path, file, page) => {
    expect(parseSiteFile(path)).toMatchObject({ path: file, page });
  });

  it.each([
    '/..',
    '/../package.json',
    '/recipes/../../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/.git/config',
    '/.env',
    '/_parts/header.html',
    '/_parts/header',
    '//etc/passwd',
    '/a\\b.css',
    '/pricing.html',
    '/pricing\0.css',
    '/site.ts',
    'pricing',
    '',
  ])('refuses %j', (path) => {
    expect(parseSiteFile(path)).toBeUndefined();
  });

  it('maps no path whatever to a file outside the folder or to a hidden one', () => {
    const piece = fc.constantFrom('.', '..', '/', '\\', '%2e', '%2f', 'a', '_parts', '.css', '~');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const file = parseSiteFile(`/${pieces.join('')}`);
        if (file) expect(file.path).toMatch(/^([a-z0-9-]+\/)*[a-z0-9-]+\.[a-z0-9]+$/);
      }),
    );
  });
});

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Page, test } from 'playwright/test';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What was in order is told in as many bytes as the page has, and takes longer than to look.
const RUN = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`;

const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

const SCHEMES = ['light', 'dark'] as const;
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };

/** One look at a page. */
export interface Look {
  readonly scheme: (typeof SCHEMES)[number];
  readonly size: keyof typeof SIZES;
}

/** Every colour scheme at every width. */
export const ALL_LOOKS: readonly Look[] = SCHEMES.flatMap((scheme) => [
  { scheme, size: 'wide' },
  { scheme, size: 'narrow' },
]);

/**
 * Each scheme and each size once, in half the time; one test sees light wide and dark narrow, another
 * the other two. The long suite, and people, see all four.
 */
const looksOf = (title: string): readonly Look[] =>
  process.env.LONG || process.env.SCREENSHOTS
    ? ALL_LOOKS
    : ALL_LOOKS.filter(
        ({ scheme, size }) =>
          ((scheme === 'dark') === (size === 'narrow')) === (title.length % 2 === 1),
      );

const nameOf = ({ scheme, size }: Look) => `${scheme} ${size}`;

/** What {@link findBarriers} finds where nothing is in anybody's way. */
export const NO_BARRIERS: Readonly<Record<string, readonly string[]>> = {};

/**
 * Looks at a page in both colour schemes and at both widths. With SCREENSHOTS, a folder, set in the
 * environment it leaves pictures there, for people to look at.
 *
 * @returns For each look that shows a barrier, what axe-core has against it, the rule and where, and
 * how much too wide it is; one line each.
 */
export async function findBarriers(
  page: Page,
  looks = looksOf(test.info().title),
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { SCREENSHOTS: folder } = process.env;
  const picture = test.info().title.replace(/\W+/g, '-');
  const found: Record<string, readonly string[]> = {};
  // Evaluated by the debugger, which no content security policy of the page can forbid.
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(AXE);
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: 'reduce' });
    await page.setViewportSize(SIZES[look.size]);
    const violations = await page.evaluate<AxeResults['violations']>(RUN);
    const overflow = await page.evaluate<number>(OVERFLOW);
    const barriers = [
      ...violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target }) => `${id} (${help}): ${target.join(' ')}`),
      ),
      ...(overflow ? [`${overflow} pixels too wide`] : []),
    ];
    if (barriers.length > 0) found[nameOf(look)] = barriers;
    if (folder)
      await page.screenshot({
        path: join(folder, `${picture}-${look.scheme}-${look.size}.png`),
        fullPage: true,
      });
  }
  return found;
}

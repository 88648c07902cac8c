import { describe, expect, test } from 'vitest';
import { inspectPage } from '../../../src/proxy/admin/inspectPage.ts';
import { writeRecipes } from '../../../src/proxy/admin/recipes.ts';
import { FACTS, PROXY, SITE } from './installation.ts';

describe('the recipes', () => {
  const recipes = writeRecipes(FACTS, PROXY);
  const texts = recipes.flatMap(({ snippets }) => snippets.map(({ text }) => text));

  test('are one for each kind of site', () => {
    expect(recipes.map(({ id }) => id)).toEqual([
      'html',
      'tag-manager',
      'wordpress',
      'single-page',
      'csp',
      'scq',
    ]);
  });

  test('name this proxy, and leave no placeholder', () => {
    for (const { id, snippets } of recipes)
      expect(snippets.map(({ text }) => text).join(), id).toContain(PROXY);
    expect(texts.join()).not.toMatch(/%SCRIPT%|undefined/);
  });

  test('name the sources of the content security policy', () => {
    expect(texts).toContain(`script-src 'sha256-abc' ${PROXY}; connect-src ${PROXY}`);
    expect(
      writeRecipes(FACTS, `${PROXY}/behind/path`).flatMap(({ snippets }) => snippets)[6]?.text,
    ).not.toContain('/behind');
  });

  test.each(
    recipes.flatMap(({ id, snippets }) =>
      snippets
        .filter(({ text }) => text.includes(FACTS.stub))
        .map(({ label, text }) => [`${id}: ${label}`, text] as const),
    ),
  )('pass the check of a page (%s)', (_, text) => {
    const findings = inspectPage({ html: text, site: SITE }, FACTS, PROXY);
    expect(findings.map(({ state }) => state)).toEqual(['good', 'good', 'good']);
  });
});

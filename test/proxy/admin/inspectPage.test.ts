import { describe, expect, test } from 'vitest';
import { inspectPage } from '../../../src/proxy/admin/inspectPage.ts';
import { findScripts } from '../../../src/proxy/admin/pageScripts.ts';
import { FACTS, PROXY, SITE } from './installation.ts';

const STUB = `<script>${FACTS.stub}</script>`;
const TAG = `<script async src="${PROXY}/v1/sendx.js"></script>`;
const pinned = (attributes: string, version = '1.2.3') =>
  `<script async src="${PROXY}/${version}/sendx.js" ${attributes}></script>`;
const ENDPOINT = `data-endpoint="${PROXY}/v1/messages"`;

describe('the check of a page', () => {
  test.each([
    ['nothing', '<p>x</p>', 'wrong', 'wrong', /missing/],
    ['the paste in a comment', `<!-- ${STUB}${TAG} -->`, 'wrong', 'wrong', /missing/],
    ['the tag alone', TAG, 'wrong', 'good', /missing/],
    ['the stub alone', STUB, 'good', 'wrong', /missing/],
    ['the tag first', TAG + STUB, 'wrong', 'good', /has to be first/],
    [
      'an older stub',
      `<script>window.sendx||old()</script>${TAG}`,
      'doubtful',
      'good',
      /another version/,
    ],
    [
      'typographic quotes',
      `<script>window.sendx||f(“x”)</script>${TAG}`,
      'wrong',
      'good',
      /quotes/,
    ],
    [
      'the paste as text',
      '&lt;script&gt;window.sendx||&lt;/script&gt;',
      'wrong',
      'wrong',
      /as text/,
    ],
    ['the tag twice', STUB + TAG + TAG, 'good', 'doubtful', /more than once/],
    ['a tag that blocks', STUB + TAG.replace('async ', ''), 'good', 'doubtful', /holds up/],
    ['single quotes', STUB + TAG.replaceAll('"', "'"), 'good', 'good', /always current/],
    [
      'capitals, no quotes',
      `${STUB}<SCRIPT ASYNC SRC=${PROXY}/v1/sendx.js></SCRIPT>`,
      'good',
      'good',
      /current/,
    ],
    [
      'another proxy',
      STUB + TAG.replace('t.example', 'other.example'),
      'good',
      'wrong',
      /other\.example/,
    ],
    [
      'another proxy in a loader',
      `${STUB}<script>load("https://o.example/v1/sendx.js")</script>`,
      'good',
      'wrong',
      /loader/,
    ],
    [
      'a pin',
      STUB + pinned(`integrity="sha384-x" crossorigin ${ENDPOINT}`),
      'good',
      'good',
      /pinned to 1\.2\.3/,
    ],
    ['an old pin', STUB + pinned(ENDPOINT, '1.0.0'), 'good', 'wrong', /this proxy has 1\.2\.3/],
    [
      'a pin of another hash',
      STUB + pinned(`integrity="sha384-y" crossorigin ${ENDPOINT}`),
      'good',
      'wrong',
      /another script/,
    ],
    [
      'a pin without crossorigin',
      STUB + pinned(`integrity="sha384-x" ${ENDPOINT}`),
      'good',
      'wrong',
      /crossorigin/,
    ],
    [
      'a pin without endpoint',
      STUB + pinned('integrity="sha384-x" crossorigin'),
      'good',
      'wrong',
      /data-endpoint/,
    ],
    ['a pin without hash', STUB + pinned(ENDPOINT), 'good', 'doubtful', /without its integrity/],
  ])('of %s', (_, html, stub, tag, words) => {
    const findings = inspectPage({ html, site: SITE }, FACTS, PROXY);
    expect(findings.map(({ about, state }) => [about, state])).toEqual([
      ['stub', stub],
      ['tag', tag],
      ['origin', 'good'],
    ]);
    expect(findings.map(({ text }) => text).join('\n')).toMatch(words);
  });

  test.each([
    [SITE, '', 'good'],
    ['www.example.com/pricing?x=1', '', 'good'],
    ['https://shop.example.org', '', 'good'],
    ['https://example.org', '', 'wrong'],
    ['http://www.example.com', '', 'wrong'],
    ['https://evil.example', '', 'wrong'],
    ['', '', 'doubtful'],
    ['not an address', '', 'doubtful'],
    ['', `<link rel="canonical" href="${SITE}/a">`, 'good'],
    ['', '<link href=https://evil.example rel=canonical>', 'wrong'],
  ])('finds the origin of "%s" and "%s" %s', (site, html, state) => {
    expect(inspectPage({ html, site }, FACTS, PROXY)[2]?.state).toBe(state);
  });

  test.each([
    ['nothing', '<form data-sendx="identify"><input data-sendx-field="firstName"></form>', []],
    ['names in a comment', '<!-- <form data-sendx-tags="vip"> --><!-- <a data-sendx-tags=x>', []],
    [
      'what is allowed',
      `<form data-sendx-tags="newsletter, Viewed-Pricing ,"><input data-sendx-field='customFields.plan'>`,
      ['good All tags and fields that its forms and links name are allowed.'],
    ],
    [
      'tags that are not',
      `<a DATA-SENDX-ADD-TAGS=vip data-sendx-remove-tags='a&amp;b, newsletter'><input data-sendx-tag-when-checked="vip">`,
      [
        'wrong The tag “vip” is not in ALLOWED_TAGS: a form or link that names it is refused whole.',
        'wrong The tag “a&b” is not in ALLOWED_TAGS: a form or link that names it is refused whole.',
      ],
    ],
    [
      'a protected tag',
      '<form data-sendx-tags="plan-pro">',
      ['doubtful The tag “plan-pro” is in PROTECTED_TAGS: it takes a signature.'],
    ],
    [
      'a field that is not',
      '<!-- x --><select data-sendx-field="customFields.Points">',
      [
        'wrong The custom field “Points” is not in ALLOWED_FIELDS: a form or link that names it is refused whole.',
      ],
    ],
  ])('of %s among its attributes', (_, html, expected) => {
    const names = inspectPage({ html, site: SITE }, FACTS, PROXY).slice(3);
    expect(names.map(({ state, text }) => `${state} ${text}`)).toEqual(expected);
  });

  test('reads attributes in every way that HTML writes them', () => {
    const [script] = findScripts(`<script a="1>0" b='2' C=3 d src="/x?a&amp;b">text</script >`);
    expect(Object.fromEntries(script?.attributes ?? [])).toEqual({
      a: '1>0',
      b: '2',
      c: '3',
      d: '',
      src: '/x?a&b',
    });
    expect(script?.text).toBe('text');
  });

  test('takes no longer than a moment for a page made to be slow', () => {
    const started = performance.now();
    for (const html of [
      '<script '.repeat(50_000),
      '<!--'.repeat(50_000),
      '<script a="'.repeat(50_000),
      '<link '.repeat(50_000),
      '<a data-sendx-tags="'.repeat(50_000),
      `<a data-sendx-tags="${"'<a ".repeat(50_000)}`,
      `<script>${'"'.repeat(50_000)}</script>`,
    ])
      inspectPage({ html }, FACTS, PROXY);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

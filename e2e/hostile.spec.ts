import { CONTACT, calls, IN_ORDER, script } from './engines/calls.ts';
import { expect, test } from './fixtures.ts';
import type { Page } from './pages.ts';
import type { InstallText } from './pipeline.ts';

/** A page of a site that makes life hard, with the calls in it. */
type Hardship = (install: InstallText, email: string) => string | Page;

const external = ({ script: src }: InstallText, attributes = '') =>
  `<script async src="${src}"${attributes}></script>`;

/** What the page does before the snippet is there. */
const before =
  (damage: string): Hardship =>
  (install, email) =>
    script(damage) + install.head + script(calls(email));

/** What the page does once the snippet has loaded. */
const after =
  (damage: string): Hardship =>
  (install, email) =>
    install.head + script(`addEventListener('load', () => { ${damage}; ${calls(email)} })`);

const NONCE = ' nonce="r4nd0m"';

const strict = ({ script: src }: InstallText) => ({
  'Content-Security-Policy': `default-src 'none'; script-src 'nonce-r4nd0m'; connect-src ${new URL(src).origin}; base-uri 'none'; require-trusted-types-for 'script'`,
});

const HARDSHIPS: Readonly<Record<string, Hardship>> = {
  'the script comes twice': (install, email) =>
    install.head + external(install) + script(calls(email)),
  'everything is pasted twice': (install, email) =>
    install.head + install.head + script(calls(email)),
  'everything is pasted again after the calls': (install, email) =>
    install.head + script(calls(email)) + install.head,
  'currentScript is null, as in a tag manager': (install, email) =>
    script(`Object.defineProperty(document, 'currentScript', { value: null })`) +
    install.head +
    script(calls(email)),
  'the policy allows scripts with a nonce alone, and trusted types': (install, email) => ({
    html: script(install.stub, NONCE) + external(install, NONCE) + script(calls(email), NONCE),
    headers: strict(install),
  }),
  'the buffer is the plain one-liner': (install, email) =>
    script('window.sendx=window.sendx||function(){(sendx.q=sendx.q||[]).push(arguments)}') +
    external(install) +
    script(calls(email)),
  // The other halves, and whatever else a page may do to fetch, are asked of each engine.
  'fetch throws from the beginning': before(`window.fetch = () => { throw new Error('blocked') }`),
  'fetch comes to return nothing': after('window.fetch = () => {}'),
  'there is no fetch from the beginning': before('window.fetch = undefined'),
  'fetch is deleted': after('delete window.fetch'),
};

for (const [name, page] of Object.entries(HARDSHIPS))
  test(`calls arrive intact, once, and the page sees no error, although ${name}`, async ({
    page: tab,
    pipeline,
    email,
    arrivals,
    complaints,
    settled,
  }) => {
    const { pages, install, emulator } = pipeline;
    pages.set('/hostile', page(install, email));
    pages.set('/friendly', install.head);
    await tab.goto(`${pages.origin}/hostile`);
    await arrivals(3);
    // The next page is a sane one: what is still stored goes again, and is known by its ids.
    await tab.goto(`${pages.origin}/friendly`);
    await tab.evaluate(() => sendx('flush'));
    await settled(tab);
    await tab.evaluate(() => sendx('track', { addTags: ['sentinel'] }));
    expect(await arrivals(4)).toEqual([...IN_ORDER, 'track sentinel']);
    expect(emulator.contact(email)).toMatchObject({
      ...CONTACT,
      tags: [...CONTACT.tags, 'sentinel'],
    });
    expect(complaints).toEqual([]);
  });

test('what another script wrote under our names harms nothing', async ({
  page,
  pipeline,
  email,
  arrivals,
  settled,
  complaints,
}) => {
  const { pages, install } = pipeline;
  const garbage = ['', 'x', 'null', '{}', '[]', '0', '{"calls":1}', '{"calls":[1,null,[]]}'];
  pages.set(
    '/garbage',
    script(`${JSON.stringify(garbage)}.forEach((text, each) => {
      localStorage['sendx:stub:' + each] = text;
      localStorage['sendx:0-garbage-' + each] = text;
    });
    localStorage['sendx:due'] = localStorage['sendx:lost'] = localStorage['sendx:identity'] = 'x';`) +
      install.head +
      script(calls(email)),
  );
  await page.goto(`${pages.origin}/garbage`);
  await settled(page);
  expect(await arrivals(3)).toEqual(IN_ORDER);
  expect(complaints).toEqual([]);
});

test('a call that cannot be copied is dropped with a reason, and harms no other', async ({
  page,
  pipeline,
  email,
  arrivals,
  complaints,
}) => {
  const { pages, install } = pipeline;
  pages.set('/circular', external(install));
  await page.goto(`${pages.origin}/circular`);
  const reasons = await page.evaluate(() => {
    const heard: unknown[] = [];
    const circle: Record<string, unknown> = {};
    circle.customFields = circle;
    sendx('on', 'dropped', ({ reason }: { reason: unknown }) => heard.push(reason));
    sendx('identify', circle);
    sendx('identify', { email: 'jane@example.com', customFields: { Age: 1n } });
    sendx('identify', { email: 'not an address' });
    sendx('surprise');
    sendx();
    return heard;
  });
  expect(reasons).toEqual(Array(5).fill('invalid'));
  await page.evaluate(calls(email));
  expect(await arrivals(3)).toEqual(IN_ORDER);
  expect(complaints).toEqual([]);
});

test('calls pushed to _scq, before the script and after, arrive in order', async ({
  page,
  pipeline,
  email,
  arrivals,
  complaints,
}) => {
  const { pages, install } = pipeline;
  pages.set(
    '/scq',
    script(`
      var _scq = _scq || [];
      _scq.push(['identify', { email: '${email}', success: () => { window.heard = true; } }]);
      _scq.push(['track', { addTags: ['before'] }]);
    `) + external(install),
  );
  await page.goto(`${pages.origin}/scq`);
  const length = await page.evaluate(
    "_scq.push(['track', { addTags: ['after'] }], ['track', { addTags: ['last'] }])",
  );
  expect(length).toBe(4);
  expect(await arrivals(4)).toEqual(['identify', 'track before', 'track after', 'track last']);
  await expect.poll(() => page.evaluate('window.heard')).toBe(true);
  expect(complaints).toEqual([]);
});

for (const [vendor, foreign] of Object.entries({
  'an array with other calls': `[['setMerchantId', 'M-1'], ['identify', { email: 'a@b.c' }]]`,
  'an object': `{ push(call) { (this.calls = this.calls || []).push(call); } }`,
  'a frozen array': `Object.freeze([['setMerchantId', 'M-1']])`,
}))
  test(`an _scq of another vendor is left alone: ${vendor}`, async ({
    page,
    pipeline,
    email,
    arrivals,
    complaints,
  }) => {
    const { pages, install, emulator } = pipeline;
    pages.set(
      '/vendor',
      script(`window._scq = ${foreign}; window.was = [_scq, _scq.push, JSON.stringify(_scq)];`) +
        install.head +
        script(calls(email)),
    );
    await page.goto(`${pages.origin}/vendor`);
    expect(await arrivals(3)).toEqual(IN_ORDER);
    expect(
      await page.evaluate(
        'was[0] === _scq && was[1] === _scq.push && was[2] === JSON.stringify(_scq)',
      ),
    ).toBe(true);
    expect(emulator.contact('a@b.c')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

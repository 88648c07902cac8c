import { readFileSync } from 'node:fs';
import type { Page, Pages } from '../pages.ts';
import type { InstallText } from '../pipeline.ts';
import { calls, IN_ORDER, script, witness } from './calls.ts';
import { expect, test } from './fixtures.ts';

const read = (path: string) => readFileSync(new URL(`../../dist/${path}`, import.meta.url), 'utf8');

const { version, files } = JSON.parse(read('manifest.json'));

/** A way to install the snippet: a page with the standard calls, and what the site serves beside. */
type Install = (install: InstallText, said: string, pages: Pages) => string | Page;

const tag = (src: string, attributes = '') => `<script async src="${src}"${attributes}></script>`;
const endpointOf = ({ script: src }: InstallText) => src.replace('sendx.js', 'messages');
const pinned = ({ script: src }: InstallText) => new URL(`/${version}/sendx.js`, src).href;
const loader = ({ script: src }: InstallText) => read('loader.js').replace('%SCRIPT%', src);

const NONCE = ' nonce="r4nd0m"';

const strict = ({ script: src }: InstallText, scripts = '') =>
  `default-src 'none'; script-src 'nonce-r4nd0m'${scripts}; connect-src ${new URL(src).origin}; base-uri 'none'; form-action 'none'`;

/** A file is one script text in one string literal, whatever is in it. */
const quote = (text: string) => JSON.stringify(text).replaceAll('</', '<\\/');

const INSTALLS: Readonly<Record<string, Install>> = {
  'in the head, behind its stub': (install, said) => install.head + script(said),
  'without a stub, for calls after load': (install, said) =>
    tag(install.script) + script(`addEventListener('load', () => { ${said} })`),
  'below the calls, behind a stub above': (install, said) =>
    script(install.stub) + script(said) + tag(install.script),
  'inline, all of it': (install, said) =>
    script(install.inline, ` data-endpoint="${endpointOf(install)}"`) + script(said),
  'by a tag manager that adds the tag': (install, said) =>
    script(`
      const added = document.createElement('script');
      added.text = ${quote(install.stub + loader(install))};
      document.head.append(added);
      ${said}`),
  'by a tag manager that adds the text': (install, said) =>
    script(`
      Object.defineProperty(document, 'currentScript', { value: null });
      const added = document.createElement('script');
      added.text = ${quote(install.inline)};
      document.head.append(added);
      sendx('config', { endpoint: '${endpointOf(install)}' });
      ${said}`),
  'twice, calls between': (install, said) => install.head + script(said) + install.head,
  'as a module script': (install, said) =>
    script(install.stub) +
    `<script type="module" crossorigin src="${install.script}"></script>` +
    script(said),
  'as the import of a module': (install, said, pages) => {
    const javascript = { 'Content-Type': 'text/javascript' };
    pages.set('/sendx-snippet.js', { html: read('snippet/module.js'), headers: javascript });
    return script(
      `import { sendx } from '/sendx-snippet.js';
      sendx('config', { endpoint: '${endpointOf(install)}' });
      ${said}`,
      ' type="module"',
    );
  },
  'under a policy that allows a nonce alone': (install, said) => ({
    html: script(install.stub, NONCE) + tag(install.script, NONCE) + script(said, NONCE),
    headers: { 'Content-Security-Policy': strict(install) },
  }),
  'by the loader, under a policy with a nonce': (install, said) => ({
    html: script(install.stub + loader(install), NONCE) + script(said, NONCE),
    headers: { 'Content-Security-Policy': strict(install, " 'strict-dynamic'") },
  }),
  'pinned to a version and its hash': (install, said) =>
    script(install.stub) +
    tag(
      pinned(install),
      ` data-endpoint="${endpointOf(install)}" integrity="${files['sendx.js'].integrity}" crossorigin="anonymous"`,
    ) +
    script(said),
};

for (const [how, page] of Object.entries(INSTALLS))
  test(`installed ${how}, it tells all that the page said`, async ({
    tab,
    origin,
    pipeline,
    email,
    intact,
  }) => {
    const { pages, install } = pipeline;
    const made = page(install, calls(email), pages);
    const { html, headers } = typeof made === 'string' ? { html: made, headers: {} } : made;
    pages.set('/installed', { html: witness(NONCE) + html, headers: headers ?? {} });
    await tab.visit(`${origin}/installed`);
    await intact(tab);
  });

test('a script that is not the one of its hash is refused, and the stub speaks for it', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  const { integrity } = files['stub.js'];
  pages.set(
    '/forged',
    script(install.stub) +
      tag(install.script, ` integrity="${integrity}" crossorigin onerror="window.refused = true"`) +
      script(calls(email)),
  );
  pages.set('/next', '<title>Next</title>');
  await tab.visit(`${origin}/forged`);
  await expect.poll(() => tab.run('window.refused')).toBe(true);
  expect(pipeline.received(email)).toEqual([]);
  await tab.visit(`${origin}/next`);
  expect(await arrivals(3)).toEqual(IN_ORDER);
});

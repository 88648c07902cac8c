import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { closedPort } from './closedPort.ts';
import { expect, test } from './fixtures.ts';
import { startPipeline } from './pipeline.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${ROOT}README.md`, 'utf8');

/** Code for pages, in the README's order. */
const blocks = [...readme.matchAll(/^```(html|js)\n([\s\S]+?)^```$/gm)].map(
  ([, language = '', code = '']) => ({ language, code }),
);
const [paste, form, handler, bundled, signed] = blocks.map(({ code }) => code);

/** The README's code with this run's proxy and visitor. */
const here = (code = '', script: string, email: string) =>
  code
    .replaceAll('https://t.example.com/v1/', script.replace('sendx.js', ''))
    .replaceAll('jane@example.com', email);

test('every block of code for pages is one of those below', () => {
  expect(blocks.map(({ language }) => language)).toEqual(['html', 'html', 'js', 'js', 'js']);
});

test('what is to be pasted works as it stands', async ({ page, pipeline, email, arrivals }) => {
  const { pages, install, emulator } = pipeline;
  pages.set('/paste', `<title>Shop</title>${here(paste, install.script, email)}`);
  await page.goto(`${pages.origin}/paste`);
  expect(await arrivals(2)).toEqual(['identify newsletter', 'track viewed-pricing']);
  expect(emulator.contact(email)).toMatchObject({
    firstName: 'Jane',
    tags: ['newsletter', 'viewed-pricing'],
  });
});

test('emulator and proxy for a page of one’s own are started as it stands', async ({
  page,
  pipeline,
  email,
}) => {
  const [, block = ''] = /^```sh\nnpm run build\n([\s\S]+?)^```$/m.exec(readme) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'sendx-readme-'));
  const [sendx, port, admin] = [await closedPort(), await closedPort(), await closedPort()];
  const { pages } = pipeline;
  // Ports and the store are this test's own; what else is typed is the README's.
  const commands = block
    .replaceAll('8788', `${sendx}`)
    .replaceAll('http://localhost:8000', pages.origin)
    .replace('node dist/emulator', `PORT=${sendx} node ${ROOT}dist/emulator`)
    .replace('node dist/proxy', `PORT=${port} ADMIN_PORT=${admin} exec node ${ROOT}dist/proxy`);
  const shell = spawn('bash', ['-c', `trap 'kill $(jobs -p)' EXIT\n${commands}`], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: 'ignore',
    detached: true,
  });
  try {
    const head = (paste ?? '').replaceAll('https://t.example.com', `http://localhost:${port}`);
    const ready = () => fetch(`http://localhost:${admin}/readyz`).then(({ ok }) => ok);
    await expect.poll(() => ready().catch(() => false), { timeout: 20_000 }).toBe(true);
    const facts = await fetch(`http://localhost:${admin}/install/facts`);
    expect(await facts.json()).toMatchObject({ publicUrl: `http://localhost:${port}` });
    pages.set('/own', `${head.replace(/<script>\n {2}sendx[\s\S]+$/, '')}${form}`);
    pages.set('/thanks', '<title>Thanks</title>');
    await page.goto(`${pages.origin}/own`);
    await page.waitForFunction('!Array.isArray(sendx.q)');
    await page.locator('[name=email]').fill(email);
    await page.getByRole('button').click();
    await expect(page).toHaveTitle('Thanks');
    const contacts = () =>
      fetch(`http://localhost:${sendx}/_emulator/contacts`).then((answer) => answer.text());
    await expect.poll(contacts).toContain(email);
  } finally {
    process.kill(-(shell.pid ?? 0), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a signed rename works as it stands', async ({ page, email }) => {
  const secret = 'a-secret-of-thirty-two-characters';
  const own = await startPipeline({ IDENTITY_SECRETS: secret });
  try {
    const signature = createHmac('sha256', secret).update(email).digest('hex');
    const code = here(signed, own.install.script, email)
      .replace('jane@example.org', `new-${email}`)
      .replace('…', signature);
    own.pages.set('/signed', `${own.install.head}<script>${code}</script>`);
    await page.goto(`${own.pages.origin}/signed`);
    await expect.poll(() => own.emulator.contact(`new-${email}`)).toBeTruthy();
  } finally {
    await own.close();
  }
});

test('the handler of a form works as it stands', async ({ page, pipeline, email, arrivals }) => {
  const { pages, install, emulator } = pipeline;
  const controls = '<input name="firstName" value="Jane"><input name="email"><button>Go</button>';
  pages.set('/thanks', '<title>Thanks</title>');
  pages.set(
    '/handler',
    `${install.head}<form action="/thanks">${controls}</form><script>${handler}</script>`,
  );
  await page.goto(`${pages.origin}/handler`);
  await page.locator('[name=email]').fill(email);
  await page.getByRole('button').click();
  await expect(page).toHaveTitle('Thanks');
  expect(await arrivals(1)).toEqual(['identify newsletter']);
  expect(emulator.contact(email)).toHaveProperty('firstName', 'Jane');
});

test('the form and the link without code work as they stand', async ({
  page,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, emulator } = pipeline;
  for (const path of ['/thanks', '/pricing']) pages.set(path, `<title>${path}</title>`);
  pages.set('/form', `${install.head}${form}`);
  await page.goto(`${pages.origin}/form`);
  await page.locator('[name=email]').fill(email);
  await page.locator('[name=first_name]').fill('Jane');
  await page.getByRole('button').click();
  await expect(page).toHaveTitle('/thanks');
  await page.goto(`${pages.origin}/form`);
  await page.getByRole('link').click();
  await expect(page).toHaveTitle('/pricing');
  expect(await arrivals(2)).toEqual(['identify newsletter', 'track viewed-pricing']);
  expect(emulator.contact(email)).toHaveProperty('firstName', 'Jane');
});

test('the import for bundlers works as it stands', async ({ page, pipeline, email, arrivals }) => {
  const { pages, install } = pipeline;
  const contents = here(bundled, install.script, email);
  // The package's name leads to itself below its own folder.
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: 'esm',
    write: false,
  });
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text().split(' ')[0] ?? ''));
  pages.set('/bundled', `<script type="module">${outputFiles[0]?.text}</script>`);
  await page.goto(`${pages.origin}/bundled`);
  expect(await arrivals(1)).toEqual(['identify']);
  await expect.poll(() => said.slice(-2)).toEqual(['sent', 'accepted']);
});

test('every call of the table is one that the script knows', async ({ page, pipeline }) => {
  const { pages, install } = pipeline;
  const names = [...readme.matchAll(/^\| `sendx\('(\w+)'/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(5);
  pages.set('/calls', install.head);
  await page.goto(`${pages.origin}/calls`);
  await page.waitForFunction('!Array.isArray(sendx.q)');
  const unknown = await page.evaluate(`(() => {
    const unknown = [];
    sendx('on', 'dropped', ({ detail }) => {
      if (detail && detail.path === 'command') unknown.push(detail.received);
    });
    const given = {
      identify: { email: 'jane@example.com' },
      track: { addTags: ['tag'] },
      consent: 'denied',
      config: {},
    };
    for (const name of ${JSON.stringify(names)}) sendx(name, given[name]);
    sendx('nonsense');
    return unknown;
  })()`);
  expect(unknown).toEqual(['nonsense']);
});

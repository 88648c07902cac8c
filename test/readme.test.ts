import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { figuresTable } from '../e2e/engines/figuresTable.ts';
import { createEmulator } from '../src/emulator/app.ts';
import { createControl } from '../src/emulator/control.ts';
import { createEvents } from '../src/emulator/events.ts';
import { variables } from '../src/proxy/settings/variables.ts';
import type { Variable } from '../src/proxy/settings.ts';
import { createTestApp, temporaryFolder } from './proxy/fixture.ts';
import { type Member, membersOf, textsOf } from './typeDocs.ts';

const run = promisify(execFile);
const ROOT = new URL('..', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const readme = read('README.md');

const { files } = JSON.parse(read('dist/manifest.json')) as {
  readonly files: Readonly<Record<string, { readonly gzip: number; readonly brotli: number }>>;
};
const grouped = (count = Number.NaN) => count.toLocaleString('en-US');

const cell = (text: string) => text.replaceAll('|', '\\|');

const row = ({ name, required, default: fallback, meaning }: Variable<unknown>) =>
  `| \`${name}\` | ${required ? '**required**' : fallback ? `\`${fallback}\`` : ''} | ${cell(meaning)} |`;

const CALLS = read('src/snippet/sendx.ts');
const EVENTS = read('src/snippet/events.ts');
const PROTOCOL = read('src/protocol.ts');

const lines = (rows: readonly (readonly string[])[]) =>
  rows.map((cells) => `| ${cells.map(cell).join(' | ')} |\n`).join('');

/** The second argument of each call, as the README names it. */
const ARGUMENT: Readonly<Record<string, string>> = {
  identify: ', {…}',
  track: ', {…}',
  consent: ', choice',
  config: ', options',
  form: ', element',
};

const LISTENING = 'Tells what becomes of calls from now on; `*` is every event.';

const calls = (): string =>
  lines([
    ...membersOf(CALLS, 'Commands').map(({ name, doc }) => [
      `\`sendx('${name}'${ARGUMENT[name] ?? ''})\``,
      doc,
    ]),
    [`\`sendx('on', event, listener)\``, LISTENING],
  ]);

const properties = (): string => {
  const of = (declaration: string, command: string) =>
    membersOf(CALLS, declaration).map(({ name, doc }) => [`\`${name}\``, command, doc]);
  return lines([
    ...of('Addressee', 'both'),
    ...of('IdentifyPayload', 'identify'),
    ...of('TrackPayload', 'track'),
    ...of('Callbacks', 'both'),
  ]);
};

/** An attribute's value, to show what it looks like. */
const EXAMPLE: Readonly<Record<string, string>> = {
  endpoint: '="https://…/v1/messages"',
  consent: '="pending"',
  gpc: '="respect"',
};

const options = (): string =>
  lines(
    membersOf(read('src/snippet/options.ts'), 'Options').map(({ name, doc }) => [
      `\`${name}\``,
      `\`data-${name}${EXAMPLE[name] ?? ''}\``,
      doc,
    ]),
  );

/** Where each event's reasons are declared. */
const REASONS: Readonly<Record<string, readonly Member[]>> = {
  accepted: [{ name: 'duplicate', doc: 'The proxy had it already; it is delivered once.' }],
  refused: textsOf(PROTOCOL, 'RefusalCode'),
  dropped: textsOf(EVENTS, 'DropReason'),
  error: textsOf(EVENTS, 'ErrorReason'),
};

const events = (): string =>
  lines(
    textsOf(EVENTS, 'EventName').map(({ name, doc }) => [
      `\`${name}\``,
      doc,
      (REASONS[name] ?? []).map((reason) => `\`${reason.name}\` ${reason.doc}`).join('<br>'),
    ]),
  );

/** The rows below the head of a table. */
const rowsBelow = (...heads: readonly string[]) =>
  new RegExp(
    `(?<=\\n\\| ${heads.join(' \\| ')} \\|\\n${'\\|---'.repeat(heads.length)}\\|\\n)(?:\\|.*\\n)*`,
    'g',
  );

/** What the README states of other files, and where it stands. */
const STATED: readonly { readonly what: string; readonly where: RegExp; readonly now: string }[] = [
  {
    what: 'the size of the script',
    where: /(?<=\*\*)[\d,]+(?= bytes\*\* of brotli)/g,
    now: grouped(files['sendx.js']?.brotli),
  },
  {
    what: 'the size of the stub',
    where: /[\d,]+(?= bytes of gzip)/g,
    now: grouped(files['stub.js']?.gzip),
  },
  {
    what: 'the stub',
    where: /(?<=```html\n<script>).*(?=<\/script>\n)/g,
    now: read('dist/stub.js').trim(),
  },
  { what: 'the calls', where: rowsBelow('Call', 'What it does'), now: calls() },
  {
    what: 'the properties of calls',
    where: rowsBelow('Property', 'Of', 'Meaning'),
    now: properties(),
  },
  {
    what: 'the options',
    where: rowsBelow('Option', 'As an attribute of the script tag', 'Meaning'),
    now: options(),
  },
  { what: 'the events', where: rowsBelow('Event', 'When', 'Reasons'), now: events() },
  {
    what: 'the variables of the proxy',
    where: rowsBelow('Variable', 'Default', 'Meaning'),
    now: Object.values<Variable<unknown>>(variables)
      .map((variable) => `${row(variable)}\n`)
      .join(''),
  },
  {
    what: 'the figures of leaving',
    where: /(?<=\n)\| Leaving by .*\n(?:\|.*\n)*/g,
    now: figuresTable(JSON.parse(read('e2e/engines/figures.json'))),
  },
];

describe('README.md', () => {
  it.each(STATED)('has a place for $what', ({ where }) => {
    expect(readme.match(where)).toHaveLength(1);
  });

  it('states sizes, stub and tables as they are ("npm run unit -- test/readme.test.ts -u" writes them)', async () => {
    const current = STATED.reduce((text, { where, now }) => text.replace(where, () => now), readme);
    await expect(current).toMatchFileSnapshot('../README.md');
  });

  it('is short, and shows what to paste in its first twenty lines', () => {
    const lines = readme.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(400);
    expect(lines.slice(0, 20).join('\n')).toMatch(/^```html\n[\s\S]+^```$/m);
  });

  it('links to files and headings that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to);
    const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(
      ([, title = '']) =>
        `#${title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    expect(links.length).toBeGreaterThan(10);
    const wrong = links.filter((to) =>
      to.startsWith('#')
        ? !headings.includes(to)
        : !/^https:/.test(to) && !existsSync(join(ROOT, to)),
    );
    expect(wrong).toEqual([]);
  });

  it('names only what exists of the tree and of the exports', () => {
    const { exports } = JSON.parse(read('package.json'));
    for (const [, key = ''] of readme.matchAll(/`sendx-snippet(\/\w+)`/g))
      expect(Object.keys(exports)).toContain(`.${key}`);
    const tree = /```\n(src\/[\s\S]+?)```/.exec(readme)?.[1] ?? '';
    const paths = tree.match(/^(?:\S+ )?\S+\/|^\S+\.\w+/gm) ?? [];
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths.flatMap((one) => one.trim().split(/\s+/)))
      expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  it('names every endpoint for tests of the emulator', () => {
    const guide = read('src/emulator/README.md');
    const named = [...guide.matchAll(/`(GET|POST|DELETE) (\/_emulator\/\w+)`/g)].map(
      ([, method, path]) => `${method} ${path}`,
    );
    const endpoints = createControl(
      createEmulator(),
      createEvents(() => []),
    );
    const real = endpoints.map(({ method, path }) => `${method} ${path}`);
    expect(named.sort()).toEqual(real.sort());
  });

  it('tells of every call, property, option, event and reason', () => {
    const source = `${CALLS}${EVENTS}${PROTOCOL}`;
    const union = (type: string) => {
      const text = new RegExp(`type ${type} =([^;]+);`).exec(
        source.replaceAll(/\/\*[\s\S]*?\*\//g, ''),
      );
      return [...(text?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, one]) => one);
    };
    for (const [type, members] of [
      ['EventName', textsOf(EVENTS, 'EventName')],
      ['DropReason', REASONS.dropped],
      ['ErrorReason', REASONS.error],
      ['RefusalCode', REASONS.refused],
    ] as const) {
      expect(members?.map(({ name }) => name)).toEqual(union(type));
      expect(members?.filter(({ doc }) => !doc)).toEqual([]);
    }
    const declared = (name: string) =>
      new Set(
        (
          new RegExp(`^export (?:interface|type) ${name}\\b[\\s\\S]*?^(?:\\}|  \\);)`, 'm').exec(
            CALLS,
          )?.[0] ?? ''
        ).match(/(?<=readonly )\w+/g),
      );
    for (const name of ['Commands', 'Addressee', 'IdentifyPayload', 'TrackPayload', 'Callbacks'])
      expect(new Set(membersOf(CALLS, name).map((member) => member.name)), name).toEqual(
        declared(name),
      );
    expect(CALLS).toContain(LISTENING);
  });

  it('shows a request and its answer as they travel', async () => {
    const [request = '', answer = ''] = [...readme.matchAll(/```http\n([\s\S]+?)```/g)].map(
      ([, block = '']) => block,
    );
    const [head = '', body = ''] = request.split('\n\n');
    const [line = '', type = ''] = head.split('\n');
    const [method = '', path = ''] = line.split(' ');
    const { app } = await createTestApp({ env: { ALLOWED_TAGS: 'newsletter' } });
    const response = await app.request(path, {
      method,
      headers: { 'content-type': type.replace(/.*: /, ''), origin: 'https://www.example.com' },
      body,
    });
    const [status = '', receipt = ''] = answer.split('\n\n');
    expect(`${response.status}`).toBe(status.split(' ')[0]);
    expect(await response.json()).toEqual(JSON.parse(receipt));
  });
});

/** Starts a shell with a block of the README, and ends it as Ctrl-C does. */
function startBlock(block: string, env: Record<string, string>) {
  const child = spawn('bash', ['-c', block.replace(/^node /m, 'exec node ')], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    said.err += bytes;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await code;
  });
  return { said, code, interrupt: () => child.kill('SIGINT') };
}

describe('the commands of README.md', () => {
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]+?)^```$/gm)].map(([, block = '']) => block);
  const inline = [...readme.matchAll(/`((?:node|npm|npx) [^`]+)`/g)].map(([, one = '']) => one);
  const serve = blocks.find((block) => block.includes('your-api-key')) ?? '';

  it('are these, so that each is run by a test', () => {
    // What the first starts, e2e/demo.spec.ts drives; e2e/readme.spec.ts runs the second; the last
    // runs this very test.
    const [demo, own, ...rest] = blocks.filter((block) => block !== serve);
    expect([demo, ...rest]).toEqual(['npm ci\nnpm start\n', 'npm ci\nnpm test\n']);
    expect(own).toMatch(/^npm run build\n/);
    // The build came before any test, and the package's own commands are run from its tarball.
    expect(inline).toEqual([
      'npm start',
      'npm pack',
      'npm install sendx-snippet',
      'npx sendx-proxy',
      'node dist/proxy/node.js --help',
      'npm install pg pg-boss@12',
      'node dist/emulator/node.js',
      'npm run test:long',
    ]);
    const { scripts } = JSON.parse(read('package.json'));
    expect(scripts.test).toContain(scripts.build);
    expect(scripts['test:long']).toContain('LONG=1 npm run unit');
    expect(read('.ci/run')).toMatch(/^npm ci\nnpm test\n$/m);
    expect(read('.github/workflows/test.yml').match(/(?<=- run: ).+/g)).toEqual([
      'npm ci',
      'npm test',
    ]);
    expect(scripts.start).toMatch(/ node dist\/demo\/start\.js$/);
  });

  it('serve the proxy', async () => {
    const { said, code, interrupt } = startBlock(serve, {
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: '0',
      OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
    });
    await vi.waitFor(() => expect(said.out + said.err).toContain('"Listening"'), 10_000);
    expect(said.out).toContain('"open":"tags newsletter viewed-*, fields *"');
    interrupt();
    expect(await code).toBe(0);
  });

  it('show the help of the proxy', async () => {
    const [command = '', ...words] = inline.find((one) => one.endsWith('--help'))?.split(' ') ?? [];
    const { stdout } = await run(command, words, { cwd: ROOT });
    for (const verb of ['dead list', 'dead retry', 'dead drop', 'erase', 'sign'])
      expect(stdout).toContain(`sendx-proxy ${verb}`);
  });

  it('start the emulator', async () => {
    const { said, code, interrupt } = startBlock(
      inline.find((one) => one.includes('emulator')) ?? '',
      { PORT: '0' },
    );
    await vi.waitFor(() => expect(said.out).toContain('SendX emulator: http://'), 10_000);
    interrupt();
    expect(await code).toBe(0);
  });
});

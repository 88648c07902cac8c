import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createEmulator } from '../src/emulator/app.ts';
import { createControl } from '../src/emulator/control.ts';
import { createEvents } from '../src/emulator/events.ts';
import type { Variable } from '../src/proxy/settings.ts';
import { variables } from '../src/proxy/variables.ts';
import { temporaryFolder } from './proxy/fixture.ts';

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
  {
    what: 'the variables of the proxy',
    where: /(?<=\n\| Variable \| Default \| Meaning \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/g,
    now: Object.values<Variable<unknown>>(variables)
      .map((variable) => `${row(variable)}\n`)
      .join(''),
  },
];

describe('README.md', () => {
  it.each(STATED)('has a place for $what', ({ where }) => {
    expect(readme.match(where)).toHaveLength(1);
  });

  it('states sizes, stub and variables as they are ("npm run unit -- test/readme.test.ts -u" writes them)', async () => {
    const current = STATED.reduce((text, { where, now }) => text.replace(where, () => now), readme);
    await expect(current).toMatchFileSnapshot('../README.md');
  });

  it('is short, and shows what to paste in its first twenty lines', () => {
    const lines = readme.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(200);
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
    const named = [...readme.matchAll(/`(GET|POST|DELETE) (\/_emulator\/\w+)`/g)].map(
      ([, method, path]) => `${method} ${path}`,
    );
    const endpoints = createControl(
      createEmulator(),
      createEvents(() => []),
    );
    const real = endpoints.map(({ method, path }) => `${method} ${path}`);
    expect(named.sort()).toEqual(real.sort());
  });

  it('explains every event of the snippet with every reason', () => {
    const source = `${read('src/snippet/events.ts')}${read('src/protocol.ts')}`.replaceAll(
      /\/\*[\s\S]*?\*\//g,
      '',
    );
    const union = (type: string) => {
      const text = new RegExp(`type ${type} =([^;]+);`).exec(source)?.[1] ?? '';
      return [...text.matchAll(/'(\w+)'/g)].map(([, one]) => one);
    };
    const rows = [...readme.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| .+ \|(.*) \|$/gm)];
    const words = (text = '') => [...text.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    const events = union('EventName');
    const told = rows.filter(([, names]) => words(names).every((name) => events.includes(name)));
    expect(told.flatMap(([, names]) => words(names)).sort()).toEqual([...events].sort());
    const reasonsOf = (event: string) => {
      const [, , reasons] = told.find(([, names]) => words(names).includes(event)) ?? [];
      return words(reasons).sort();
    };
    expect(reasonsOf('refused')).toEqual(union('RefusalCode').sort());
    expect(reasonsOf('dropped')).toEqual(union('DropReason').sort());
    expect(reasonsOf('error')).toEqual(union('ErrorReason').sort());
  });

  it('names options that the script reads', () => {
    const options = [...readme.matchAll(/^\| `(\w+)` \| `data-(\w+)=/gm)];
    expect(options.length).toBeGreaterThan(2);
    for (const [, option, attribute] of options) {
      expect(attribute).toBe(option);
      expect(read('src/snippet/options.ts')).toMatch(new RegExp(`^ {2}${option}\\?:`, 'm'));
    }
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
  const serve = blocks.find((block) => block.includes('export SENDX_API_KEY')) ?? '';

  it('are these, so that each is run by a test', () => {
    // The first two end in what e2e/demo.spec.ts drives; the third runs this very test.
    const elsewhere = ['npm ci\nnpm start\n', 'npm ci\nnpm test\n'];
    expect(blocks.filter((block) => block !== serve)).toEqual(elsewhere);
    expect(inline).toEqual([
      'node dist/proxy/node.js --help',
      'node dist/emulator/node.js',
      'npm run test:long',
    ]);
    expect(JSON.parse(read('package.json')).scripts['test:long']).toContain('LONG=1 npm run unit');
    expect(read('.ci/run')).toMatch(/^npm ci\nnpm test\n$/m);
    expect(read('.github/workflows/test.yml').match(/(?<=- run: ).+/g)).toEqual([
      'npm ci',
      'npm test',
    ]);
    expect(JSON.parse(read('package.json')).scripts.start).toMatch(/ node dist\/demo\/start\.js$/);
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
    const [command = '', ...words] = inline[0]?.split(' ') ?? [];
    const { stdout } = await run(command, words, { cwd: ROOT });
    for (const verb of ['dead list', 'dead retry', 'dead drop', 'erase', 'sign'])
      expect(stdout).toContain(`sendx-proxy ${verb}`);
  });

  it('start the emulator', async () => {
    const { said, code, interrupt } = startBlock(inline[1] ?? '', { PORT: '0' });
    await vi.waitFor(() => expect(said.out).toContain('SendX emulator: http://'), 10_000);
    interrupt();
    expect(await code).toBe(0);
  });
});

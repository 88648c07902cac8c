import { beforeAll, describe, expect, it } from 'vitest';
import { closure, type Import, readImports, readText, sourceFiles } from './importGraph.ts';

/** The wire contract, which both sides may import. */
const PROTOCOL = 'src/protocol.ts';

/** What each side may import beside packages. */
const SIDES: Readonly<Record<string, RegExp>> = {
  'src/protocol.ts': /^$/,
  'src/snippet/': /^src\/(snippet\/|protocol\.ts$)/,
  'src/proxy/': /^src\/(proxy\/|protocol\.ts$)/,
  // An independent witness: it must not inherit our mistakes, so not even the wire contract.
  'src/emulator/': /^src\/emulator\//,
};

/** The snippet's files that join stages; every other file is a stage or a leaf. */
const JOINING = ['index.ts', 'module.ts', 'tracker.ts', 'debug.ts'];

/** What a stage of the snippet may take from another file, types apart. */
const LEAVES: Readonly<Record<string, readonly string[] | 'everything'>> = {
  'attempt.ts': 'everything',
  'json.ts': 'everything',
  'retry.ts': 'everything',
  'debug/mask.ts': 'everything',
  'debug/payload.ts': 'everything',
  'debug/faults.ts': 'everything',
  // The storage key of what was given up: the outbox writes it, the batcher reports it.
  'outbox.ts': ['LOST'],
};

/** Files that may need Node: those that touch its sockets, files, clocks and process. */
const NODE_FILES = [
  // The programs.
  'src/proxy/node.ts',
  'src/proxy/openProxy.ts',
  'src/proxy/builtAssets.ts',
  'src/emulator/node.ts',
  // What a program opens: ports, stores, the log, metrics, and limits that live as long as it does.
  'src/proxy/http/listener.ts',
  'src/proxy/outbox/',
  'src/proxy/log.ts',
  'src/proxy/metrics.ts',
  'src/proxy/metrics/',
  'src/proxy/policy/rate.ts',
  'src/proxy/policy/postgresRate.ts',
  'src/proxy/policy/openRates.ts',
  'src/emulator/server.ts',
];

/** Modules that run on Node alone. */
const NEEDS_NODE =
  /^(node:|@hono\/node-server|libsql|pg$|pg-boss|pino|prom-client|rate-limiter-flexible)/;

/** What has to run elsewhere as well: at the edge, in a test, in somebody's own server. */
const PORTABLE = [
  'src/proxy/app.ts',
  'src/proxy/worker.ts',
  'src/proxy/sendx/client.ts',
  'src/emulator/app.ts',
];

/** Files that know the web framework. */
const HONO_FILES = [
  'src/proxy/app.ts',
  'src/proxy/messages.ts',
  'src/proxy/scripts.ts',
  'src/proxy/admin.ts',
  'src/emulator/app.ts',
];

/** A rule, and an import that breaks it. */
interface Rule {
  readonly rule: string;
  /** The imports that break it. */
  readonly breaches: (imports: readonly Import[]) => readonly Import[];
  readonly wrong: Import;
}

const startsWithOneOf = (path: string, starts: readonly string[]) =>
  starts.some((start) => path.startsWith(start));

const snippetFile = (path: string) => path.replace('src/snippet/', '');

function leavesItsSide({ from, to }: Import): boolean {
  const side = Object.keys(SIDES).find((start) => from.startsWith(start)) ?? '';
  return to.startsWith('src/') && !SIDES[side]?.test(to);
}

function joinsStages({ from, to, names }: Import): boolean {
  if (!from.startsWith('src/snippet/') || to === PROTOCOL) return false;
  if (JOINING.includes(snippetFile(from))) return false;
  const leaf = LEAVES[snippetFile(to)] ?? [];
  return leaf !== 'everything' && (names.length === 0 || names.some((one) => !leaf.includes(one)));
}

const eachImport = (isWrong: (one: Import) => boolean) => (imports: readonly Import[]) =>
  imports.filter(isWrong);

const RULES: readonly Rule[] = [
  {
    rule: 'the protocol imports nothing',
    breaches: eachImport(({ from }) => from === PROTOCOL),
    wrong: { from: PROTOCOL, to: 'valibot', names: [] },
  },
  {
    rule: 'the snippet does not import the proxy',
    breaches: eachImport(leavesItsSide),
    wrong: { from: 'src/snippet/message.ts', to: 'src/proxy/validation/bounds.ts', names: ['MAX'] },
  },
  {
    rule: 'the proxy does not import the snippet',
    breaches: eachImport(leavesItsSide),
    wrong: { from: 'src/proxy/validation/stubCalls.ts', to: 'src/snippet/command.ts', names: [] },
  },
  {
    rule: 'the emulator imports nothing of ours, not even the protocol',
    breaches: eachImport(leavesItsSide),
    wrong: { from: 'src/emulator/contacts.ts', to: PROTOCOL, names: ['MAX_MESSAGES'] },
  },
  {
    rule: 'the snippet has no dependencies',
    breaches: eachImport(({ from, to }) => from.startsWith('src/snippet/') && !/^src\//.test(to)),
    wrong: { from: 'src/snippet/transport.ts', to: 'ky', names: ['default'] },
  },
  {
    rule: 'only the wiring joins stages of the snippet',
    breaches: eachImport(joinsStages),
    wrong: { from: 'src/snippet/batcher.ts', to: 'src/snippet/outbox.ts', names: ['createOutbox'] },
  },
  {
    rule: 'Node is needed only where a program is',
    breaches: eachImport(
      ({ from, to }) => NEEDS_NODE.test(to) && !startsWithOneOf(from, NODE_FILES),
    ),
    wrong: { from: 'src/proxy/delivery.ts', to: 'node:timers', names: [] },
  },
  ...PORTABLE.map((entry): Rule => {
    const name = entry.replace('src/', '');
    return {
      rule: `nothing that is loaded with ${name} needs Node`,
      breaches: (imports) => {
        const loaded = closure(imports, entry);
        return imports.filter(({ from, to }) => loaded.has(from) && NEEDS_NODE.test(to));
      },
      wrong: { from: entry.replace(/\w+\.ts$/, 'errors.ts'), to: 'node:util', names: [] },
    };
  }),
  {
    rule: 'few files know the web framework',
    breaches: eachImport(({ from, to }) => /^hono/.test(to) && !HONO_FILES.includes(from)),
    wrong: { from: 'src/proxy/policy.ts', to: 'hono/utils', names: [] },
  },
];

let imports: readonly Import[];
beforeAll(async () => {
  imports = await readImports();
});

const show = (found: readonly Import[]) =>
  found.map(({ from, to, names }) => `${from} must not import ${names.join(', ')} from ${to}`);

describe('the graph', () => {
  it('holds what source files import, types erased', () => {
    expect(imports.length).toBeGreaterThan(100);
    const has = (from: string, to: string) =>
      imports.some((one) => one.from === from && one.to === to);
    expect(has('src/proxy/node.ts', 'node:fs')).toBe(true);
    expect(has('src/proxy/openOutbox.ts', 'src/proxy/outbox/sqlite.ts'), 'import()').toBe(true);
    expect(has('src/proxy/worker.ts', 'hono'), 'import type').toBe(false);
    expect(imports).toContainEqual({
      from: 'src/snippet/index.ts',
      to: 'src/snippet/tracker.ts',
      names: ['install'],
    });
  });

  it('has a file for every entry of the tables', () => {
    const snippet = [...JOINING, ...Object.keys(LEAVES)].map((name) => `src/snippet/${name}`);
    for (const path of [...snippet, ...NODE_FILES, ...PORTABLE, ...HONO_FILES])
      expect(
        sourceFiles.some((file) => file.startsWith(path)),
        path,
      ).toBe(true);
  });
});

describe.each(RULES)('$rule', ({ breaches, wrong }) => {
  it('holds', () => {
    expect(show(breaches(imports))).toEqual([]);
  });

  it('would tell of a breach', () => {
    // Where the rule is about what is loaded with an entry, the breach is two steps away from it.
    const entries = PORTABLE.map((from): Import => ({ from, to: wrong.from, names: [] }));
    expect(show(breaches([...imports, ...entries, wrong]))).toContain(show([wrong])[0]);
  });
});

describe('the snippet knows browsers only', () => {
  const SPEAKS_NODE = /\bNodeJS\.|\bBuffer\b|\bprocess\.|\brequire\(|['"]node:|<reference /;

  it('names no type and no global of Node', () => {
    const files = sourceFiles.filter((path) => path.startsWith('src/snippet/'));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => SPEAKS_NODE.test(readText(path)))).toEqual([]);
  });

  it.each(['let timer: NodeJS.Timeout;', 'Buffer.from(text)', '/// <reference types="node" />'])(
    'would tell of %s',
    (text) => expect(SPEAKS_NODE.test(text)).toBe(true),
  );

  it('is compiled without the types of Node', () => {
    const { compilerOptions } = JSON.parse(readText('src/snippet/tsconfig.json'));
    expect(compilerOptions.types).toEqual([]);
    expect(compilerOptions.lib).toContain('DOM');
  });
});

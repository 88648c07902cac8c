import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSignatures } from '../../src/proxy/policy/signature.ts';
import { createSecret } from '../../src/proxy/settings/secret.ts';
import { parseEmail } from '../../src/proxy/validation/email.ts';
import { SECRET, temporaryFolder } from './fixture.ts';
import { buildProgram, type Program } from './program.ts';

const run = promisify(execFile);
const guide = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = new Map(
  [...guide.matchAll(/^```(\w+)\n([\s\S]+?)^```$/gm)].map(([, name = '', code = '']) => [
    name,
    code,
  ]),
);

/** As servers know them: typed by people, in any script. */
const ADDRESSES = [
  'jane@example.com',
  'Jane.Doe+List@EXAMPLE.com',
  '  jane@example.com\t\n',
  ' JANE@Example.Com ',
  "o'brien&$x@example.com",
  'jürgen@bücher.example',
  'JÜRGEN@BÜCHER.example',
  'ЖЕНЯ@пример.рф',
  '用户@例子.广告',
  'ÑANDÚ@example.com',
];

/** A language of the guide: how a file of its code becomes a program that signs its arguments. */
interface Language {
  readonly block: string;
  readonly file: string;
  readonly command: readonly [string, ...string[]];
  /** Appended: prints one signature a line; the secret is the first argument. */
  readonly main: string;
}

const LANGUAGES: readonly Language[] = [
  {
    block: 'mjs',
    file: 'sign.mjs',
    command: [process.execPath],
    main: `const [, , secret, ...emails] = process.argv;
for (const email of emails) console.log(signAddress(email, secret));`,
  },
  {
    block: 'php',
    file: 'sign.php',
    command: ['php'],
    main: `foreach (array_slice($argv, 2) as $email) echo sign_address($email, $argv[1]), "\\n";`,
  },
  {
    block: 'python',
    file: 'sign.py',
    command: ['python3'],
    main: `import sys
for email in sys.argv[2:]:
    print(sign_address(email, sys.argv[1]))`,
  },
  {
    block: 'ruby',
    file: 'sign.rb',
    // As servers set it; without a locale the arguments would be bytes.
    command: ['ruby', '-E', 'UTF-8:UTF-8'],
    main: `secret, *emails = ARGV.map { |text| text.dup.force_encoding('UTF-8') }
emails.each { |email| puts sign_address(email, secret) }`,
  },
];

const answers = (command: string, ...words: readonly string[]) => {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
};
const isInstalled = ({ command: [name] }: Language) => answers(name, '--version') !== undefined;

/** PHP is often without the extension: there a stand-in for the rows that it does not matter to. */
const lacksMbstring = answers('php', '-m')?.includes('mbstring') === false;
const WITHOUT_MBSTRING = 'function mb_strtolower($text, $_) { return strtolower($text); }';
const isAscii = (text: string) => [...text].every((letter) => letter < '\u0080');
const withoutMbstring = (email: string) => isAscii(email) || email === email.toLowerCase();

const addressesFor = ({ block }: Language) =>
  block === 'php' && lacksMbstring ? ADDRESSES.filter(withoutMbstring) : ADDRESSES;

const signatures = createSignatures([createSecret(SECRET)]);
const signed = (email: string) => signatures.sign(parseEmail(email) ?? '');

describe('the signing code of README.md', () => {
  test('is for Node, PHP, Python and Ruby', () => {
    expect([...blocks.keys()]).toEqual(expect.arrayContaining(LANGUAGES.map(({ block }) => block)));
    expect(ADDRESSES.map(parseEmail)).not.toContain(undefined);
  });

  for (const language of LANGUAGES) {
    const { block, file, command, main } = language;
    test.skipIf(!isInstalled(language))(`signs in ${block} as the proxy does`, async () => {
      const prelude = block === 'php' && lacksMbstring ? `${WITHOUT_MBSTRING}\n` : '';
      const path = join(temporaryFolder(), file);
      writeFileSync(path, `${blocks.get(block)}\n${prelude}${main}\n`);
      const emails = addressesFor(language);
      const [name, ...options] = command;
      const { stdout } = await run(name, [...options, path, SECRET, ...emails]);
      expect(stdout.trim().split('\n')).toEqual(await Promise.all(emails.map(signed)));
    });
  }

  test('ran in these languages', () => {
    const ran = LANGUAGES.filter(isInstalled).map((language) => {
      const { length } = addressesFor(language);
      return `${language.block} (${length} of ${ADDRESSES.length} addresses)`;
    });
    process.stdout.write(`Signing code ran in ${ran.join(', ')}\n`);
    expect(ran[0]).toMatch(/^mjs/);
  });
});

describe('the signing command of README.md', () => {
  let program: Program;
  beforeAll(async () => {
    program = await buildProgram();
  });
  afterAll(() => program.remove());

  test.each(['jane@example.com', '  JÜRGEN@BÜCHER.example '])('signs %j alike', async (email) => {
    const { ended, out } = program.run(['sign', email], {
      IDENTITY_SECRETS: `${SECRET},the-secret-before-this`,
    });
    expect(await ended).toBe(0);
    expect(out()).toBe(`${await signed(email)}\n`);
  });
});

test.skipIf(answers('openssl', 'version') === undefined)('openssl signs alike', async () => {
  for (const email of ADDRESSES.map((address) => parseEmail(address) ?? '')) {
    const path = join(temporaryFolder(), 'address');
    writeFileSync(path, email);
    const { stdout } = await run('openssl', ['dgst', '-sha256', '-hmac', SECRET, path]);
    expect(stdout.trim().split('= ').at(-1)).toBe(await signed(email));
  }
});

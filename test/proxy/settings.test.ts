import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeOpenDoors } from '../../src/proxy/settings/openDoors.ts';
import { variables } from '../../src/proxy/settings/variables.ts';
import { parseSettings } from '../../src/proxy/settings.ts';
import { settingsOf } from './fixture.ts';

const BASE = {
  SENDX_API_KEY: 'the-key',
  ALLOWED_ORIGINS: 'https://www.example.com',
  ALLOWED_TAGS: 'newsletter',
};

const noFile = (path: string): string => {
  throw new Error(`no ${path}`);
};

function problemsOf(env: Record<string, string>, readFile = noFile): readonly string[] {
  const parsed = parseSettings(env, readFile);
  return 'problems' in parsed ? parsed.problems : [];
}

describe('parseSettings', () => {
  test('has a default for all but three variables', () => {
    const { settings } = parseSettings(BASE, noFile) as { settings: object };
    expect(settings).toMatchObject({
      teamId: undefined,
      apiUrl: undefined,
      allowedOrigins: ['https://www.example.com'],
      publicUrl: undefined,
      allowedTags: ['newsletter'],
      protectedTags: [],
      allowedFields: ['*'],
      identitySecrets: [],
      requireSignature: false,
      unsignedRename: false,
      unsignedIncrements: false,
      outbox: { kind: 'sqlite', path: 'data/outbox.sqlite' },
      host: '0.0.0.0',
      port: 8787,
      adminHost: '127.0.0.1',
      adminPort: 8789,
      trustedHops: 0,
      rateIp: 600,
      rateContact: 120,
      maxConcurrency: 8,
      ratePerSecond: undefined,
      shutdownSeconds: 10,
      logLevel: 'info',
    });
  });

  test('names every missing variable at once, with an example', () => {
    const problems = problemsOf({});
    expect(problems).toHaveLength(3);
    for (const name of Object.keys(BASE)) {
      expect(problems.join('\n')).toMatch(new RegExp(`^${name} is missing.*Example: `, 'm'));
    }
  });

  test('counts an empty variable as unset', () => {
    expect(problemsOf({ ...BASE, ALLOWED_TAGS: '' })).toHaveLength(1);
    expect(problemsOf({ ...BASE, PORT: '' })).toEqual([]);
  });

  test.each([
    ['SENDX_API_KEY', 'with space', 'must be printable ASCII without spaces'],
    ['SENDX_API_URL', 'api.sendx.io', 'must be a URL without credentials, query and fragment'],
    [
      'SENDX_API_URL',
      'https://u:p@api.sendx.io',
      'must be a URL without credentials, query and fragment',
    ],
    [
      'SENDX_API_URL',
      'http://api.sendx.io',
      'must begin with https:// (http:// only on this machine or a local container)',
    ],
    [
      'SENDX_API_URL',
      'ftp://localhost',
      'must begin with https:// (http:// only on this machine or a local container)',
    ],
    [
      'ALLOWED_ORIGINS',
      'example.com',
      'is wrong: "example.com" is not an origin such as https://www.example.com',
    ],
    ['ALLOWED_ORIGINS', '*', 'is wrong: "*" is not an origin such as https://www.example.com'],
    [
      'ALLOWED_ORIGINS',
      'https://a.example/x',
      'is wrong: "https://a.example/x" has more than a scheme, a host and a port',
    ],
    ['ALLOWED_ORIGINS', ',', 'names no origin'],
    ['ALLOWED_TAGS', 'a*b', 'is wrong: "a*b" has a * that is not its end'],
    ['ALLOWED_TAGS', ' , ', 'names nothing'],
    ['PROTECTED_TAGS', '*a', 'is wrong: "*a" has a * that is not its end'],
    ['ALLOWED_FIELDS', 'a*b', 'is wrong: "a*b" has a * that is not its end'],
    ['REQUIRE_SIGNATURE', 'yes', 'must be true or false, not "yes"'],
    ['OUTBOX', 'redis://x', 'must be sqlite:<path>, postgres://… or direct'],
    ['OUTBOX', 'sqlite:', 'must be sqlite:<path>, postgres://… or direct'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535, not "65536"'],
    ['PORT', '80.5', 'must be a whole number from 0 to 65535, not "80.5"'],
    ['PORT', '0x50', 'must be a whole number from 0 to 65535, not "0x50"'],
    ['ADMIN_PORT', 'x', 'must be a whole number from 0 to 65535, not "x"'],
    ['TRUSTED_HOPS', '-1', 'must be a whole number from 0 to 16, not "-1"'],
    ['RATE_LIMIT_IP', '1e3', 'must be a whole number from 0 to 1000000, not "1e3"'],
    ['SENDX_MAX_CONCURRENCY', '0', 'must be a whole number from 1 to 1000, not "0"'],
    ['SENDX_RATE_PER_SECOND', '0', 'must be a whole number from 1 to 10000, not "0"'],
    ['LOG_LEVEL', 'verbose', 'must be one of debug, info, warn, error, silent'],
  ])('%s=%s is a problem', (name, value, fault) => {
    expect(problemsOf({ ...BASE, [name]: value })).toEqual([`${name} ${fault}.`]);
  });

  test('says nothing of a secret that is wrong but its place', () => {
    const env = { ...BASE, IDENTITY_SECRETS: 'long-enough-to-be-one,canary' };
    expect(problemsOf(env)).toEqual(['IDENTITY_SECRETS has fewer than 16 characters in entry 2.']);
  });

  test('finds settings that contradict each other', () => {
    expect(problemsOf({ ...BASE, REQUIRE_SIGNATURE: 'true' })).toEqual([
      'REQUIRE_SIGNATURE is on, but IDENTITY_SECRETS is empty: no call could pass.',
    ]);
    expect(problemsOf({ ...BASE, PORT: '80', ADMIN_PORT: '80' })).toEqual([
      'PORT and ADMIN_PORT are both 80; they must differ.',
    ]);
    expect(problemsOf({ ...BASE, PORT: '0', ADMIN_PORT: '0' })).toEqual([]);
  });

  test('reads secrets from files', () => {
    const { SENDX_API_KEY: _, ...env } = BASE;
    const files: Record<string, string> = { '/run/key': 'from-a-file\n' };
    const readFile = (path: string) => files[path] ?? noFile(path);
    const parsed = parseSettings({ ...env, SENDX_API_KEY_FILE: '/run/key' }, readFile);
    expect('settings' in parsed && parsed.settings.apiKey.reveal()).toBe('from-a-file');
    expect(problemsOf({ ...env, SENDX_API_KEY_FILE: '/run/none' }, readFile)).toEqual([
      'SENDX_API_KEY cannot be read from the file that SENDX_API_KEY_FILE names.',
    ]);
    expect(problemsOf({ ...BASE, SENDX_API_KEY_FILE: '/run/key' }, readFile)).toEqual([
      'SENDX_API_KEY and SENDX_API_KEY_FILE are both set; keep one of them.',
    ]);
  });

  test.each([
    ['https://api.sendx.io/api/v1/rest'],
    ['http://localhost:8788'],
    ['http://127.0.0.1:8788'],
    ['http://[::1]:8788'],
    ['http://emulator:8788'],
  ])('takes %s for SendX', (url) => {
    expect(settingsOf({ SENDX_API_URL: url }).apiUrl).toBe(url);
  });

  test('no secret can be seen in what it returns', () => {
    const settings = settingsOf({
      SENDX_API_KEY: 'canary-key',
      IDENTITY_SECRETS: 'canary-secret-for-signing',
      OUTBOX: 'postgres://user:canary@db/x',
    });
    expect(inspect(settings, { depth: 9, showHidden: true })).not.toContain('canary');
    expect(JSON.stringify(settings)).not.toContain('canary');
  });
});

describe('the table of variables', () => {
  const rows = Object.values(variables);

  test.each(rows.map((row) => [row.name, row] as const))('%s is documented', (_, row) => {
    expect(row.meaning).toMatch(/^[A-Z].*\.$/);
    expect(row.parse(row.example)).toHaveProperty('value');
    if (row.default !== undefined) expect(row.parse(row.default)).toHaveProperty('value');
  });

  test('has each name once', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });
});

test.each([
  [{}, 'tags newsletter viewed-*, fields *'],
  [{ ADMIN_HOST: '0.0.0.0' }, 'tags newsletter viewed-*, fields *, the admin port to 0.0.0.0'],
  [
    { ALLOWED_FIELDS: 'none', UNSIGNED_RENAME: 'true' },
    'tags newsletter viewed-*, fields none, renaming any contact',
  ],
  [
    { UNSIGNED_INCREMENTS: '1', RATE_LIMIT_IP: '0', RATE_LIMIT_CONTACT: '0' },
    'tags newsletter viewed-*, fields *, increments, no limit per address, no limit per contact',
  ],
  [
    { REQUIRE_SIGNATURE: 'true', IDENTITY_SECRETS: 'long-enough-to-be-one' },
    'nothing without a signature',
  ],
  [
    { REQUIRE_SIGNATURE: 'true', IDENTITY_SECRETS: 'long-enough-to-be-one', RATE_LIMIT_IP: '0' },
    'nothing without a signature, no limit per address',
  ],
])('%j leaves open: %s', (env, line) => {
  expect(describeOpenDoors(settingsOf(env as Record<string, string>))).toBe(line);
});

import { createHmac } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { variables } from '../../src/proxy/settings/variables.ts';
import { envelope, identify, SITE, temporaryFolder, track } from './fixture.ts';
import { buildProgram, freePort, type Program, type Run } from './program.ts';

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

const REQUIRED = {
  SENDX_API_KEY: 'emulator-key',
  ALLOWED_ORIGINS: SITE,
  ALLOWED_TAGS: 'newsletter',
};

interface Started extends Run {
  readonly env: Record<string, string>;
  readonly url: string;
  readonly admin: string;
}

async function start(more: Record<string, string> = {}): Promise<Started> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const env = {
    ...REQUIRED,
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    OUTBOX: `sqlite:${join(temporaryFolder(), 'data/outbox.sqlite')}`,
    ...more,
  };
  const run = program.run([], env);
  onTestFinished(async () => {
    run.child.kill('SIGKILL');
    await run.ended;
  });
  await vi.waitFor(() => expect(run.out() + run.err()).toContain('Listening'), 10_000);
  return { ...run, env, url: `http://127.0.0.1:${port}`, admin: `http://127.0.0.1:${adminPort}` };
}

function post(url: string, messages: readonly unknown[]): Promise<Response> {
  return fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { Origin: SITE, 'Content-Type': 'text/plain' },
    body: JSON.stringify(envelope(messages)),
  });
}

describe('start', () => {
  test('fails with one sentence for each variable, and exits 2', async () => {
    const { ended, err, out } = program.run([], { PORT: 'x' });
    expect(await ended).toBe(2);
    expect(out()).toBe('');
    const lines = err().trim().split('\n');
    expect(lines[0]).toBe('sendx-proxy cannot start:');
    expect(lines.slice(1).map((line) => line.trim().split(' ')[0])).toEqual([
      'SENDX_API_KEY',
      'ALLOWED_ORIGINS',
      'ALLOWED_TAGS',
      'PORT',
    ]);
  });

  test.each(['PORT', 'ADMIN_PORT'])(
    'says that %s is taken in one sentence, and exits 1',
    async (name) => {
      const holder = createServer();
      const taken = await freePort();
      await new Promise<void>((resolve) => holder.listen(taken, '127.0.0.1', resolve));
      onTestFinished(() => void holder.close());
      const env = {
        ...REQUIRED,
        HOST: '127.0.0.1',
        PORT: '0',
        ADMIN_PORT: '0',
        OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
        [name]: String(taken),
      };
      const { ended, err } = program.run([], env);
      expect(await ended).toBe(1);
      expect(err()).toBe(
        `sendx-proxy: port ${taken} on 127.0.0.1 is taken; stop what listens there or set another PORT or ADMIN_PORT.\n`,
      );
    },
  );

  test('refuses a store that another proxy holds, and exits 1', async () => {
    const { env } = await start();
    const second = program.run([], { ...env, PORT: '0', ADMIN_PORT: '0' });
    expect(await second.ended).toBe(1);
    expect(second.err()).toMatch(/^sendx-proxy: .+\n$/);
  });

  test('says in one line what is open, and no secret', async () => {
    const { out } = await start({ IDENTITY_SECRETS: 'canary-secret-for-signing' });
    const [line] = out().split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      msg: 'Listening',
      version: '1.2.3',
      outbox: 'sqlite',
      open: 'tags newsletter, fields *',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      adminUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(out()).not.toContain('canary');
    expect(out()).not.toContain('emulator-key');
  });

  test('keeps the store to itself', async () => {
    const { env } = await start();
    const path = env.OUTBOX?.replace('sqlite:', '') ?? '';
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  test('serves the script that was built', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/v1/sendx.js`)).text()).toBe('/* sendx.js */');
    expect((await fetch(`${url}/1.2.3/sendx.js`)).status).toBe(200);
  });
});

describe('shutdown', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it with 0, and the next start delivers the rest',
    async (signal) => {
      const first = await start({ SENDX_API_URL: `http://127.0.0.1:${await freePort()}` });
      expect((await post(first.url, [identify(), track()])).status).toBe(202);
      first.child.kill(signal);
      expect(await first.ended).toBe(0);
      expect(first.err()).toBe('');

      const { url, emulator, close } = await startEmulator();
      onTestFinished(close);
      await start({ OUTBOX: first.env.OUTBOX ?? '', SENDX_API_URL: url });
      await vi.waitFor(
        () => expect(emulator.contact('jane@example.com')).toHaveProperty('tags', ['newsletter']),
        10_000,
      );
    },
  );

  test('what was answered 202 survives SIGKILL', async () => {
    const first = await start({ SENDX_API_URL: `http://127.0.0.1:${await freePort()}` });
    const messages = Array.from({ length: 20 }, () => track());
    expect((await post(first.url, messages)).status).toBe(202);
    first.child.kill('SIGKILL');
    await first.ended;
    const { env } = first;
    const status = program.run(['status'], env);
    expect(await status.ended).toBe(0);
    expect(status.out()).toContain('waiting       20\n');
  });
});

test('without a store tells who is a contact to nobody but whom the site vouches for', async () => {
  const { url: api, close } = await startEmulator();
  onTestFinished(close);
  const secret = 'a-secret-of-the-site-itself';
  const more = { OUTBOX: 'direct', SENDX_API_URL: api, IDENTITY_SECRETS: secret };
  const { url, admin, out } = await start(more);
  const email = 'nobody@example.com';
  const signature = createHmac('sha256', secret).update(email).digest('hex');
  const [unsigned, signed] = [track({ email }), track({ email, signature })];
  const response = await post(url, [unsigned, signed]);
  expect(await response.json()).toMatchObject({
    results: [
      { id: unsigned.id, status: 'accepted' },
      { id: signed.id, status: 'refused', code: 'rejected' },
    ],
  });
  expect(out()).toMatch(new RegExp(`"id":"${unsigned.id}".+"status":404,"code":"rejected"`));
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  expect(metrics).toContain('\nsendx_proxy_dead_total{reason="rejected"} 2\n');
});

test('a store gets no signature', async () => {
  const secret = 'a-secret-of-the-site-itself';
  const { url: api, close } = await startEmulator();
  onTestFinished(close);
  const { url, admin } = await start({ SENDX_API_URL: api, IDENTITY_SECRETS: secret });
  const email = 'nobody@example.com';
  const signature = createHmac('sha256', secret).update(email).digest('hex');
  const message = track({ email });
  await post(url, [{ ...message, signature }]);
  await vi.waitFor(async () =>
    expect(await (await fetch(`${admin}/dead`)).json()).toMatchObject([{ message }]),
  );
  expect(await (await fetch(`${admin}/dead`)).text()).not.toContain('signature');
});

describe('commands', () => {
  const run = async (words: readonly string[], env?: Record<string, string>) => {
    const { ended, out, err } = program.run(words, env);
    return { code: await ended, out: out(), err: err() };
  };

  test('ask the proxy that runs, and open its store when none does', async () => {
    const { url, close } = await startEmulator();
    onTestFinished(close);
    const proxy = await start({ SENDX_API_URL: url, ALLOWED_TAGS: '*' });
    // SendX knows no contact of that name: the track is refused and becomes a dead letter.
    const message = track({ email: 'nobody@example.com' });
    await post(proxy.url, [message]);
    await vi.waitFor(async () =>
      expect(await (await fetch(`${proxy.admin}/status`)).json()).toHaveProperty('dead', 1),
    );
    const asked = await run(['dead', 'list'], proxy.env);
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toContain(`${message.id}  `);
    expect((await run(['status'], proxy.env)).out).toContain('deliveries    Delivering. ');

    proxy.child.kill('SIGTERM');
    await proxy.ended;
    expect((await run(['dead', 'show', message.id], proxy.env)).out).toContain(
      'nobody@example.com',
    );
    expect((await run(['status'], proxy.env)).out).toContain('deliveries    none: no proxy runs');
    expect((await run(['erase', 'nobody@example.com'], proxy.env)).out).toBe(
      'Forgotten: 1 message.\n',
    );
    expect((await run(['dead', 'show', message.id], proxy.env)).code).toBe(1);
  });

  test.each([['status'], ['dead', 'list'], ['erase', 'jane@example.com']])(
    '%s makes no store where there is none, and says where it looked',
    async (...words) => {
      const path = join(temporaryFolder(), 'elsewhere', 'outbox.sqlite');
      // Nothing listens on this port.
      const env = { OUTBOX: `sqlite:${path}`, ADMIN_PORT: '1' };
      const { code, err } = await run(words, env);
      expect({ code, made: existsSync(path) }).toEqual({ code: 1, made: false });
      expect(err).toContain(`no store at ${path}`);
    },
  );

  test('sign needs the secret and nothing else', async () => {
    const path = join(temporaryFolder(), 'secrets');
    writeFileSync(path, 'a-secret-from-a-file\n');
    const wanted = createHmac('sha256', 'a-secret-from-a-file')
      .update('jane@example.com')
      .digest('hex');
    const { code, out } = await run(['sign', 'Jane@example.com'], { IDENTITY_SECRETS_FILE: path });
    expect({ code, out }).toEqual({ code: 0, out: `${wanted}\n` });
    expect(await run(['sign', 'jane@example.com'])).toMatchObject({
      code: 1,
      err: 'sendx-proxy: No secret to sign with: IDENTITY_SECRETS is not set.\n',
    });
  });

  test('help, version and nonsense', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
    const help = (await run(['--help'])).out;
    expect(help).toContain('open the store that OUTBOX names');
    for (const { name } of Object.values(variables)) expect(help).toContain(`\n  ${name}\n`);
    expect(help.split('\n').every((line) => line.length <= 100)).toBe(true);
    for (const word of ['-h', 'help'])
      expect(await run([word])).toMatchObject({ code: 0, out: help });
    expect((await run(['nonsense'])).code).toBe(2);
  });
});

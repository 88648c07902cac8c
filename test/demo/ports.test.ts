import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkPorts, parsePorts } from '../../demo/ports.ts';

describe('parsePorts', () => {
  it.each([undefined, ''])('has defaults for %j', (base) => {
    expect(parsePorts(base)).toEqual({ site: 8080, proxy: 8787, emulator: 8788, admin: 8789 });
  });

  it('counts up from the base', () => {
    expect(parsePorts('9000')).toEqual({ site: 9000, proxy: 9001, emulator: 9002, admin: 9003 });
    expect(parsePorts('65532').admin).toBe(65535);
  });

  it.each(['0', '65533', '-1', '80.5', '8e3', 'http', ' 9000', '0x10'])(
    'names the variable, the rule and what it got for %j',
    (base) => {
      expect(() => parsePorts(base)).toThrow(`PORT_BASE must be a whole number from 1 to 65532`);
      expect(() => parsePorts(base)).toThrow(`it is "${base}"`);
    },
  );
});

describe('checkPorts', () => {
  const servers: Server[] = [];
  const occupy = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const server = createServer().once('error', reject);
      servers.push(server);
      server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
    });
  const release = () =>
    Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  afterEach(release);

  /** Four ports that are free now, though nobody keeps them so. */
  const findFreePorts = async () => {
    const [site = 0, proxy = 0, emulator = 0, admin = 0] = await Promise.all(
      Array.from({ length: 4 }, () => occupy('127.0.0.1')),
    );
    await release();
    return { site, proxy, emulator, admin };
  };

  it('passes where all are free, and leaves them free', async () => {
    const ports = await findFreePorts();
    await checkPorts(ports);
    await checkPorts(ports);
  });

  it.each(['127.0.0.1', '0.0.0.0'])(
    'names the port and the variable when %s has it',
    async (host) => {
      const free = await findFreePorts();
      const ports = { ...free, emulator: await occupy(host) };
      await expect(checkPorts(ports)).rejects.toThrow(
        new RegExp(`Port ${ports.emulator}, .* emulator needs, is taken.*PORT_BASE=`),
      );
    },
  );

  it('sees a program on the other loopback address, which browsers try as well', async (context) => {
    const ports = await findFreePorts();
    const port = await occupy('::1').catch(() => undefined);
    if (port === undefined) return context.skip('this machine has no IPv6');
    await expect(checkPorts({ ...ports, site: port })).rejects.toThrow(`Port ${port}`);
  });
});

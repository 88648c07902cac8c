import { createServer } from 'node:net';

/** Where each program of the demo listens. */
export interface Ports {
  readonly site: number;
  readonly proxy: number;
  readonly emulator: number;
  /** The proxy's own reports. */
  readonly admin: number;
}

const DEFAULT: Ports = { site: 8080, proxy: 8787, emulator: 8788, admin: 8789 };
const COUNT = Object.keys(DEFAULT).length;
const LAST_PORT = 65_535;

/**
 * Chooses the demo's ports.
 *
 * @param base - The variable `PORT_BASE`: the first of four ports in a row.
 * @defaultValue `site` 8080, `proxy` 8787, `emulator` 8788, `admin` 8789
 * @throws Error with a sentence for the person who set the variable.
 */
export function parsePorts(base: string | undefined): Ports {
  if (base === undefined || base === '') return DEFAULT;
  const site = /^\d{1,5}$/.test(base) ? Number(base) : 0;
  if (site < 1 || site > LAST_PORT - COUNT + 1) {
    throw new Error(
      `PORT_BASE must be a whole number from 1 to ${LAST_PORT - COUNT + 1}, the first of ${COUNT} ports in a row; it is "${base}". Nothing was started.`,
    );
  }
  return { site, proxy: site + 1, emulator: site + 2, admin: site + 3 };
}

/** Resolves to the error's code, or to `undefined` where the port is free on that address. */
const tryPort = (port: number, host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

// Browsers try both addresses for "localhost", the second only where the first refuses.
const LOOPBACK = ['127.0.0.1', '::1'];
// Said where a machine has no IPv6: no other program can sit there either.
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * Makes sure that every port is free, before anything is started.
 *
 * @throws Error with a sentence that names the port, whose it is, and what to do.
 */
export async function checkPorts(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    for (const host of LOOPBACK) {
      const code = await tryPort(port, host);
      if (code === undefined || NO_SUCH_ADDRESS.has(code)) continue;
      const what =
        code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
      throw new Error(
        `Port ${port}, which the demo's ${name} needs, ${what}: stop that program, or choose ${COUNT} other ports with PORT_BASE, for example PORT_BASE=${port < 20_000 ? 20_000 : 30_000} npm start. Nothing was started.`,
      );
    }
  }
}

import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createEmulator } from './app.ts';
import type { Emulator, EmulatorOptions } from './emulator.ts';

export type { Action, Automation, Firing } from './automations.ts';
export type { RateLimit } from './bucket.ts';
export type { Contact } from './contacts.ts';
export type { ArmedFault, Fault } from './faults.ts';
export type { FieldType } from './fields.ts';
export type { JournalEntry } from './journal.ts';
export type { RuleRow } from './ruleBook.ts';
export type { Rules } from './rules.ts';
export { createEmulator, type Emulator, type EmulatorOptions };

/** Where an emulator is to listen, and how it is to behave. */
export interface StartOptions extends EmulatorOptions {
  /** @defaultValue `0`, any free port */
  readonly port?: number;
  /** @defaultValue `'127.0.0.1'`, this machine only */
  readonly host?: string;
}

/** An emulator that listens. */
export interface RunningEmulator {
  /** Such as `http://127.0.0.1:8788`, without a slash at the end. */
  readonly url: string;
  readonly emulator: Emulator;
  /** Ends every connection, then the server. */
  close(): Promise<void>;
}

/**
 * Starts a local SendX on a port.
 *
 * @throws the server's error, with a `code` such as `EADDRINUSE`, where it cannot listen.
 */
export async function startEmulator(options: StartOptions = {}): Promise<RunningEmulator> {
  const { port = 0, host = '127.0.0.1', ...rest } = options;
  const emulator = createEmulator(rest);
  const server = createAdaptorServer({ fetch: emulator.app.fetch });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;

  return {
    url: `http://${name}:${address.port}`,
    emulator,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        emulator.clearFaults();
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

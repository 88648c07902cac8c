import { randomBytes } from 'node:crypto';
import type { Ports } from './ports.ts';

/** A program of the demo, ready to be started. */
export interface Program {
  /** For people. */
  readonly name: string;
  /** Relative to `dist/`. */
  readonly file: string;
  /** Its settings, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once the program works. */
  readonly readyUrl: string;
}

/** Tags that the demo's pages give: the shop's own, and one family for each kind of page. */
const TAGS = ['newsletter', 'newsletter-*', 'viewed-*', 'recipe-*'];

const HOST = '127.0.0.1';

/**
 * The emulator, and the proxy that delivers to it. They share a key made for this run.
 *
 * @param ports - Where each listens.
 * @param outbox - File for the proxy's messages.
 * @param logLevel - How much the proxy writes.
 */
export function createPrograms(ports: Ports, outbox: string, logLevel = 'warn'): Program[] {
  const account = {
    SENDX_API_KEY: randomBytes(16).toString('hex'),
    SENDX_TEAM_ID: 'loam-and-ember',
  };
  const emulator = `http://${HOST}:${ports.emulator}`;
  return [
    {
      name: 'emulator',
      file: 'emulator/node.js',
      env: { ...account, HOST, PORT: `${ports.emulator}` },
      readyUrl: `${emulator}/`,
    },
    {
      name: 'proxy',
      file: 'proxy/node.js',
      env: {
        ...account,
        HOST,
        PORT: `${ports.proxy}`,
        ADMIN_PORT: `${ports.admin}`,
        SENDX_API_URL: `${emulator}/api/v1`,
        PUBLIC_URL: `http://localhost:${ports.proxy}`,
        ALLOWED_ORIGINS: `http://localhost:${ports.site},http://${HOST}:${ports.site}`,
        ALLOWED_TAGS: TAGS.join(','),
        OUTBOX: `sqlite:${outbox}`,
        LOG_LEVEL: logLevel,
      },
      readyUrl: `http://${HOST}:${ports.admin}/readyz`,
    },
  ];
}

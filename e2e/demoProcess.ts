import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Contact } from '../src/emulator/contacts.ts';
import type { JournalEntry } from '../src/emulator/journal.ts';
import { findPortBase, isFree } from '../test/demo/freePorts.ts';

const PROGRAM = fileURLToPath(new URL('../dist/demo/start.js', import.meta.url));

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  /** What it wrote for people beside its addresses. */
  readonly complaint: string;
  /** Whether all its ports can be taken again. */
  readonly portsFree: boolean;
}

/** What `npm start` leaves running, as processes of their own. */
export interface DemoProcess {
  /** Origin of the shop. */
  readonly site: string;
  /** Address of the emulator's page. */
  readonly liveView: string;
  contact(email: string): Promise<Contact | undefined>;
  /** What SendX received of one contact, oldest first. */
  received(email: string): Promise<readonly JournalEntry[]>;
  /** Presses Ctrl-C. */
  interrupt(): Promise<Ending>;
}

/** Starts the built demo on free ports. */
export async function startDemo(): Promise<DemoProcess> {
  const base = await findPortBase();
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, PORT_BASE: `${base}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (bytes) => {
    complaint += bytes;
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (lines.push(line) === 3) break;
  }
  const [site = '', second = ''] = lines;
  const liveView = /http:\S+/.exec(second)?.[0];
  if (!liveView) throw new Error(`The demo did not start: ${complaint}`);

  const ask = async (path: string) => (await fetch(`${liveView}_emulator/${path}`)).json();
  const emailOf = ({ query, body }: JournalEntry) =>
    query.email ?? (body as { readonly email?: string } | null)?.email;
  return {
    site,
    liveView,
    contact: async (email) =>
      ((await ask('contacts')) as Contact[]).find((contact) => contact.email === email),
    received: async (email) =>
      ((await ask('journal')) as JournalEntry[]).filter((entry) => emailOf(entry) === email),
    async interrupt() {
      child.kill('SIGINT');
      const [code] = await ended;
      const free = await Promise.all([0, 1, 2, 3].map((offset) => isFree(base + offset)));
      return { code, complaint, portsFree: !free.includes(false) };
    },
  };
}

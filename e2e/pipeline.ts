import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry, RunningEmulator } from '../src/emulator/server.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { loadAssets } from '../src/proxy/http/assets.ts';
import { createLog } from '../src/proxy/log.ts';
import { openOutbox } from '../src/proxy/openOutbox.ts';
import { openRates } from '../src/proxy/policy/openRates.ts';
import { serve } from '../src/proxy/serve.ts';
import { parseSettings } from '../src/proxy/settings.ts';
import { type Link, startLink } from './link.ts';
import { type Pages, startPages } from './pages.ts';

/** The key that must never be seen outside the proxy and the emulator. */
export const API_KEY = 'canary-5d1f0c9e7b';

/** What a site pastes into a page's head. */
export interface InstallText {
  readonly stub: string;
  /** The script's address. */
  readonly script: string;
  /** Stub and script tag. */
  readonly head: string;
  /** The whole script, for pages that inline it. */
  readonly inline: string;
}

/** Browser to SendX, all of it: only the account is emulated. */
export interface Pipeline {
  readonly pages: Pages;
  readonly link: Link;
  readonly emulator: RunningEmulator['emulator'];
  readonly install: InstallText;
  /** The proxy's admin port. */
  readonly adminUrl: string;
  /** Lines that the proxy logged. */
  readonly log: readonly string[];
  /** What SendX received of one contact, oldest first. */
  received(email: string): readonly JournalEntry[];
  close(): Promise<void>;
}

const dist = new URL('../dist/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, dist), 'utf8');

/** Starts everything on free ports. */
export async function startPipeline(env: Record<string, string> = {}): Promise<Pipeline> {
  const folder = mkdtempSync(join(tmpdir(), 'sendx-e2e-'));
  const pages = await startPages();
  const { url, emulator, close } = await startEmulator({ apiKey: API_KEY });
  const parsed = parseSettings(
    {
      SENDX_API_KEY: API_KEY,
      SENDX_TEAM_ID: 'emulator-team',
      SENDX_API_URL: `${url}/api/v1`,
      ALLOWED_ORIGINS: `${pages.origin},${pages.foreign},${pages.everywhere}`,
      ALLOWED_TAGS: '*',
      OUTBOX: `sqlite:${join(folder, 'outbox.sqlite')}`,
      PORT: '0',
      ADMIN_PORT: '0',
      RATE_LIMIT_IP: '0',
      RATE_LIMIT_CONTACT: '0',
      ...env,
    },
    () => '',
  );
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { settings } = parsed;
  const log: string[] = [];
  const proxy = await serve({
    settings,
    outbox: await openOutbox(settings.outbox),
    rates: await openRates(settings),
    assets: loadAssets((name) => new Uint8Array(readFileSync(new URL(name, dist)))),
    log: createLog('debug', { write: (line) => log.push(line) }),
    processMetrics: false,
  });
  const link = await startLink(() => proxy.port);
  const script = `${link.url}/v1/sendx.js`;
  const stub = read('stub.js').trim();
  const head = `<script>${stub}</script>\n<script async src="${script}"></script>`;
  const emailOf = ({ query, body }: JournalEntry) =>
    query.email ?? (body as { email?: string } | null)?.email;

  return {
    pages,
    link,
    emulator,
    install: { stub, script, head, inline: read('sendx.js') },
    adminUrl: `http://127.0.0.1:${proxy.adminPort}`,
    log,
    received: (email) => emulator.journal().filter((entry) => emailOf(entry) === email),
    async close() {
      await link.close();
      await proxy.close();
      await close();
      await pages.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

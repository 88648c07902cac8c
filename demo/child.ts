import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a child is made of. */
export interface ChildOptions {
  /** For people. */
  readonly name: string;
  /** A script for Node. */
  readonly file: string;
  /** Replaces the parent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told every line that the child writes. @defaultValue Nobody is told. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds that the child gets to end by itself. @defaultValue {@link GRACE_MS} */
  readonly graceMs?: number;
}

/** A program that was started. */
export interface Child {
  /** Resolves to a sentence when the program has ended, for whatever reason. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks the program to end, kills it after the grace, and resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds for a child to end by itself: a delivery may be under way. */
export const GRACE_MS = 5_000;

/** Lines of a dead child's last words. */
const LAST_WORDS = 20;

// Loaded before the child's own code. The channel to the parent closes however the parent ends, a
// kill -9 included, and the child then ends as by a polite signal. The listener alone would keep
// the child alive for ever, hence `unref`.
const LEASH = `data:text/javascript,${encodeURIComponent(`
  const end = () => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', end);
  process.channel?.unref();
  if (!process.connected) end();
`)}`;

/**
 * Starts a Node program that does not outlive this one.
 *
 * @param options - What to start, and how.
 * @returns The running program.
 */
export function startChild(options: ChildOptions): Child {
  const { name, file, env, onLine = () => {}, graceMs = GRACE_MS } = options;
  const lastWords: string[] = [];
  const child = spawn(process.execPath, ['--import', LEASH, file], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Its own process group: Ctrl-C reaches this process alone, which ends the others in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on('line', (line) => {
      lastWords.push(line);
      if (lastWords.length > LAST_WORDS) lastWords.shift();
      onLine(line);
    });
  }
  const ended = new Promise<string>((resolve) => {
    const say = (how: string) => resolve([`The ${name} ${how}.`, ...lastWords].join('\n'));
    child.once('error', (error) => say(`could not be started (${error.message})`));
    // `close` comes after `exit` and after the last line.
    child.once('close', (code, signal) => say(`ended unexpectedly (${signal ?? `code ${code}`})`));
  });
  return {
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(insist);
    },
  };
}

import type { UpstreamHealth } from '../delivery/upstreamHealth.ts';
import type { DeadLetter } from '../outbox/outbox.ts';
import { parseEmail } from '../validation/email.ts';
import type { Operator } from './operator.ts';
import { createUpstreamWords } from './upstreamWords.ts';
import { createWords } from './words.ts';

/** What the commands work with. */
export interface CommandParts {
  /** Finds the running proxy or opens its store; `release` gives back what that took. */
  readonly connect: () => Promise<{ readonly operator: Operator; release(): Promise<void> }>;
  readonly sign: (email: string) => Promise<string>;
  readonly print: (line: string) => void;
  /** For what went wrong. */
  readonly complain: (line: string) => void;
}

/** What `--help` prints. */
export const HELP = `sendx-proxy: takes messages from pages and delivers them to SendX.

  sendx-proxy                     serve; settings come from the environment
  sendx-proxy status              what waits, since when, and whether SendX answers
  sendx-proxy dead list           dead letters: messages that are not tried any more
  sendx-proxy dead show <id>      one of them in full, e-mail address included
  sendx-proxy dead retry <id>...  put back at the end of their lanes (--all: the oldest 1000)
  sendx-proxy dead drop <id>...   forget them (--all: the oldest 1000)
  sendx-proxy erase <email>       forget a contact: waiting, dead and seen messages, those of the
                                  addresses too that a rename, even a refused one, tied to it
  sendx-proxy sign <email>        the signature of an address, by the first of IDENTITY_SECRETS
  sendx-proxy -h | --help | --version

status, dead and erase ask the running proxy on ADMIN_HOST and ADMIN_PORT, because it alone may
hold its store. If none runs there they open the store that OUTBOX names themselves.

Exit codes: 0 done, 1 failed or not found, 2 wrong settings or usage.`;

/** Dead letters that `--all` means. */
const ALL = 1000;

/** Runs one command and resolves to the exit code. */
export async function runCommand(words: readonly string[], parts: CommandParts): Promise<number> {
  const [verb, ...rest] = words;
  if (verb === 'sign') return sign(rest, parts);
  const task = taskOf(verb, rest, parts);
  if (task === undefined) {
    parts.complain(`sendx-proxy knows no "${words.join(' ')}"; see sendx-proxy --help.`);
    return 2;
  }
  const { operator, release } = await parts.connect();
  try {
    return await task(operator);
  } finally {
    await release();
  }
}

type Task = (operator: Operator) => Promise<number>;

function taskOf(
  verb: string | undefined,
  rest: readonly string[],
  parts: CommandParts,
): Task | undefined {
  const { print, complain } = parts;
  const [first, ...others] = rest;
  if (verb === 'status' && rest.length === 0) return (operator) => status(operator, print);
  if (verb === 'erase' && rest.length === 1) {
    const email = parseEmail(first ?? '');
    if (email === undefined) return undefined;
    return async (operator) => {
      const count = await operator.erase(email);
      print(`Forgotten: ${count} ${count === 1 ? 'message' : 'messages'}.`);
      return 0;
    };
  }
  if (verb !== 'dead') return undefined;
  if (first === 'list' && others.length === 0) return (operator) => list(operator, print);
  if (first === 'show' && others.length === 1) {
    return async (operator) => {
      const letter = await operator.show(others[0] ?? '');
      if (letter === undefined) return absent(others[0] ?? '', complain);
      print(JSON.stringify(letter, undefined, 2));
      return 0;
    };
  }
  if ((first === 'retry' || first === 'drop') && others.length > 0) {
    return (operator) => settle(operator, first, others, parts);
  }
  return undefined;
}

async function sign(words: readonly string[], parts: CommandParts): Promise<number> {
  const email = words.length === 1 ? parseEmail(words[0] ?? '') : undefined;
  if (email === undefined) {
    parts.complain('sendx-proxy sign needs one e-mail address; nothing was signed.');
    return 2;
  }
  parts.print(await parts.sign(email));
  return 0;
}

function sayUpstream(upstream: UpstreamHealth, waiting: number): string {
  const { title, text } = createUpstreamWords(createWords())(upstream, waiting);
  return `${title}. ${text}`;
}

async function status(operator: Operator, print: (line: string) => void): Promise<number> {
  const { version, waiting, oldestMs, inFlight, dead, upstream } = await operator.status();
  print(`version       ${version}`);
  print(`waiting       ${waiting}`);
  print(`oldest        ${Math.round(oldestMs / 1000)} s`);
  print(`in flight     ${inFlight}`);
  print(`dead letters  ${dead}`);
  print(`deliveries    ${upstream ? sayUpstream(upstream, waiting) : 'none: no proxy runs'}`);
  return 0;
}

async function list(operator: Operator, print: (line: string) => void): Promise<number> {
  const letters = await operator.list(ALL);
  for (const letter of letters) print(row(letter));
  if (letters.length === 0) print('No dead letters.');
  return 0;
}

function row({ message, reason, detail, diedAt, attempts }: DeadLetter): string {
  const died = new Date(diedAt).toISOString();
  return [message.id, died, message.type, reason, `${attempts} attempts`, detail ?? ''].join('  ');
}

async function settle(
  operator: Operator,
  verb: 'retry' | 'drop',
  words: readonly string[],
  { print, complain }: CommandParts,
): Promise<number> {
  const ids =
    words[0] === '--all' && words.length === 1
      ? (await operator.list(ALL)).map(({ message }) => message.id)
      : words;
  let code = 0;
  for (const id of ids) {
    if (await operator[verb](id)) print(`${id}  ${verb === 'retry' ? 'waiting again' : 'dropped'}`);
    else code = absent(id, complain);
  }
  return code;
}

function absent(id: string, complain: (line: string) => void): number {
  complain(`No dead letter has the id ${id}.`);
  return 1;
}

import { expect } from 'vitest';
import type { JournalEntry, RunningEmulator } from '../../../src/emulator/server.ts';
import type { Message, Receipt } from '../../../src/protocol.ts';
import { envelope, SITE } from '../fixture.ts';
import { freePort, type Program, type Run } from '../program.ts';

/** A proxy process that is killed and started again on the same ports. */
export interface Victim {
  readonly url: string;
  readonly admin: string;
  start(): Promise<void>;
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** A proxy on `outbox`, before `sendx`; `more` settings win. */
export async function victim(
  program: Program,
  outbox: string,
  sendx: string,
  more: Record<string, string> = {},
): Promise<Victim> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const env = {
    SENDX_API_KEY: 'emulator-key',
    SENDX_API_URL: sendx,
    ALLOWED_ORIGINS: SITE,
    ALLOWED_TAGS: '*',
    UNSIGNED_INCREMENTS: 'true',
    RATE_LIMIT_IP: '0',
    RATE_LIMIT_CONTACT: '0',
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    OUTBOX: outbox,
    LOG_LEVEL: 'info',
    ...more,
  };
  let run: Run | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    admin: `http://127.0.0.1:${adminPort}`,
    async start() {
      const started = program.run([], env);
      run = started;
      await expect
        .poll(() => started.out() + started.err(), { timeout: 20_000, interval: 5 })
        .toContain('Listening');
    },
    async kill(signal = 'SIGKILL') {
      run?.child.kill(signal);
      await run?.ended;
    },
  };
}

/** Resolves once nothing waits on a proxy. */
export const drained = ({ admin }: Victim) =>
  expect
    .poll(async () => (await (await fetch(`${admin}/status`)).json()).waiting, {
      timeout: 120_000,
      interval: 100,
    })
    .toBe(0);

/** Ids of a proxy's dead letters; all must be of increments whose fate nobody knows. */
export async function ambiguousOf({ admin }: Victim): Promise<ReadonlySet<string>> {
  const response = await fetch(`${admin}/dead?limit=10000`);
  const letters = (await response.json()) as { message: { id: string }; reason: string }[];
  expect(letters.filter(({ reason }) => reason !== 'ambiguous')).toEqual([]);
  return new Set(letters.map(({ message: { id } }) => id));
}

/** Visitors, each of whom sends the next batch once all of the last is accepted, as pages do. */
export interface Crowd {
  /** Ids that a proxy has said are accepted, by contact. */
  readonly accepted: ReadonlyMap<string, readonly Message[]>;
  /** How many they are. */
  count(): number;
  /** No further batches; resolves once every batch under way has been accepted. */
  stop(): Promise<void>;
}

/** @param paceMs - how long each thinks between two batches; not at all by default. */
export function crowd(contacts: number, proxyOf: () => string, paceMs = () => 0): Crowd {
  const accepted = new Map<string, Message[]>();
  let stopped = false;

  async function post(messages: readonly Message[]): Promise<boolean> {
    const response = await fetch(`${proxyOf()}/v1/messages`, {
      method: 'POST',
      headers: { Origin: SITE, 'Content-Type': 'text/plain' },
      body: JSON.stringify(envelope(messages)),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status !== 202) return false;
    const { results } = (await response.json()) as Receipt;
    return results.every(({ status }) => status === 'accepted' || status === 'duplicate');
  }

  async function visit(contact: number): Promise<void> {
    const email = `contact${contact}@example.com`;
    const kept: Message[] = [];
    accepted.set(email, kept);
    for (let step = 0; !stopped; ) {
      const batch = Array.from({ length: 1 + ((step + contact) % 4) }, (_, n) =>
        message(email, `c${contact}`, step + n),
      );
      while (!(await post(batch).catch(() => false))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      kept.push(...batch);
      const ms = paceMs();
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      step += batch.length;
    }
  }

  const visits = Array.from({ length: contacts }, (_, contact) => visit(contact));
  return {
    accepted,
    count: () => [...accepted.values()].reduce((sum, messages) => sum + messages.length, 0),
    async stop() {
      stopped = true;
      await Promise.all(visits);
    },
  };
}

/**
 * Every fifth message counts a visit and every fifth changes tags, giving the contact one and taking
 * the last one off; all say which step of the contact they are.
 */
function message(email: string, name: string, step: number): Message {
  const stamp = { id: `${name}-${step}`, at: 1_763_955_600_100, email };
  if (step % 5 === 2) {
    return { ...stamp, type: 'track', addTags: [stamp.id], removeTags: [`${name}-${step - 5}`] };
  }
  const customFields = { Step: stamp.id, ...(step % 5 === 4 && { Visits: '++1' }) };
  return { ...stamp, type: 'identify', traits: { customFields, tags: [`seen-${step % 3}`] } };
}

/** What a contact is after these messages, each once and in this order. */
function contactAfter(messages: readonly Message[]) {
  const tags = new Set<string>();
  const customFields: Record<string, string> = {};
  for (const each of messages) {
    if (each.type === 'track') {
      for (const tag of each.removeTags ?? []) tags.delete(tag);
      for (const tag of each.addTags ?? []) tags.add(tag);
      continue;
    }
    const { Step, Visits } = each.traits.customFields ?? {};
    if (Step !== undefined) customFields.Step = Step;
    if (Visits !== undefined) customFields.Visits = String(Number(customFields.Visits ?? 0) + 1);
    for (const tag of each.traits.tags ?? []) tags.add(tag);
  }
  return { customFields, tags: [...tags].toSorted() };
}

/** Faults of every kind that a SendX under load shows, some of which took effect all the same. */
export function haunt({ emulator }: RunningEmulator, random: () => number): () => void {
  const timer = setInterval(() => {
    if (emulator.faults().length > 0) return;
    const contact = Math.floor(random() * 10);
    const email = `contact${contact}@example.com`;
    const applies = random() < 0.5;
    const faults = [
      { kind: 'cut', applies, email },
      { kind: 'status', status: 500, applies, email },
      { kind: 'status', status: 429, retryAfter: 1 },
      { kind: 'delay', delayMs: 100, times: 20 },
      { kind: 'malformed', applies, email },
      { kind: 'hang', applies, email },
    ] as const;
    const fault = faults[Math.floor(random() * faults.length)];
    if (fault !== undefined) emulator.addFault(fault);
  }, 150);
  return () => clearInterval(timer);
}

const idOf = ({ body, path }: JournalEntry): string => {
  const { customFields, addTags } = body as {
    customFields?: Record<string, string>;
    addTags?: readonly string[];
  };
  return (path.endsWith('/track') ? addTags?.[0] : customFields?.Step) ?? '';
};
const tookEffect = ({ fault }: JournalEntry): boolean =>
  fault === undefined || /, applied|^delay/.test(fault);
const isIncrement = (each: Message) =>
  each.type === 'identify' && each.traits.customFields?.Visits !== undefined;

/** Holds what SendX saw, and what it made of it, against what was accepted. */
export function judge(
  { accepted }: Crowd,
  { emulator }: RunningEmulator,
  ambiguous: ReadonlySet<string>,
): void {
  const journal = emulator.journal();
  for (const [email, messages] of accepted) {
    const name = email.slice(0, email.indexOf('@')).replace('contact', 'c');
    const entries = journal.filter((entry) => idOf(entry).startsWith(`${name}-`));
    const steps = entries.map((entry) => Number(idOf(entry).slice(name.length + 1)));
    expect(steps, `the order of ${email}`).toEqual(steps.toSorted((a, b) => a - b));
    const times = new Map<string, number>();
    for (const id of entries.filter(tookEffect).map(idOf)) times.set(id, (times.get(id) ?? 0) + 1);
    const isApplied = ({ id }: Message) => times.has(id);
    const twice = messages.filter((each) => isIncrement(each) && (times.get(each.id) ?? 0) > 1);
    expect(twice, `what counted twice of ${email}`).toEqual([]);
    const lost = messages.filter(
      (each) => !isApplied(each) && !(isIncrement(each) && ambiguous.has(each.id)),
    );
    expect(lost, `what is lost of ${email}`).toEqual([]);
    const contact = emulator.contact(email);
    expect({
      customFields: contact?.customFields,
      tags: contact?.tags.toSorted(),
    }).toEqual(contactAfter(messages.filter(isApplied)));
  }
}

import { expect } from 'vitest';
import type { JournalEntry, RunningEmulator } from '../../../src/emulator/server.ts';
import type { IdentifyMessage, Receipt } from '../../../src/protocol.ts';
import { envelope, SITE } from '../fixture.ts';
import { freePort, type Program, type Run } from '../program.ts';

/** A proxy process that is killed and started again on the same ports. */
export interface Victim {
  readonly url: string;
  readonly admin: string;
  start(): Promise<void>;
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** A proxy on `outbox`, before `sendx`. */
export async function victim(program: Program, outbox: string, sendx: string): Promise<Victim> {
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

/** Visitors, each of whom sends the next batch once all of the last is accepted, as pages do. */
export interface Crowd {
  /** Ids that a proxy has said are accepted, by contact. */
  readonly accepted: ReadonlyMap<string, readonly IdentifyMessage[]>;
  /** No further batches; resolves once every batch under way has been accepted. */
  stop(): Promise<void>;
}

export function crowd(contacts: number, proxyOf: () => string): Crowd {
  const accepted = new Map<string, IdentifyMessage[]>();
  let stopped = false;

  async function post(messages: readonly IdentifyMessage[]): Promise<boolean> {
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
    const kept: IdentifyMessage[] = [];
    accepted.set(email, kept);
    for (let step = 0; !stopped; ) {
      const batch = Array.from({ length: 1 + ((step + contact) % 4) }, (_, n) =>
        message(email, `c${contact}`, step + n),
      );
      while (!(await post(batch).catch(() => false))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      kept.push(...batch);
      step += batch.length;
    }
  }

  const visits = Array.from({ length: contacts }, (_, contact) => visit(contact));
  return {
    accepted,
    async stop() {
      stopped = true;
      await Promise.all(visits);
    },
  };
}

/** Every fifth message counts a visit; all say which step of the contact they are. */
function message(email: string, name: string, step: number): IdentifyMessage {
  const customFields = { Step: `${name}-${step}`, ...(step % 5 === 4 && { Visits: '++1' }) };
  return {
    id: `${name}-${step}`,
    type: 'identify',
    at: 1_763_955_600_100,
    email,
    traits: { customFields },
  };
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
    ] as const;
    const fault = faults[Math.floor(random() * faults.length)];
    if (fault !== undefined) emulator.addFault(fault);
  }, 150);
  return () => clearInterval(timer);
}

const stepOf = ({ body }: JournalEntry): string =>
  (body as { customFields?: Record<string, string> }).customFields?.Step ?? '';
const tookEffect = ({ fault }: JournalEntry): boolean =>
  fault === undefined || /, applied|^delay/.test(fault);

/** Holds what SendX saw against what was accepted. */
export function judgeJournal(
  crowdOf: Crowd,
  journal: readonly JournalEntry[],
  ambiguous: ReadonlySet<string>,
): void {
  for (const [email, messages] of crowdOf.accepted) {
    const name = email.slice(0, email.indexOf('@')).replace('contact', 'c');
    const entries = journal.filter((entry) => stepOf(entry).startsWith(`${name}-`));
    const steps = entries.map((entry) => Number(stepOf(entry).slice(name.length + 1)));
    expect(steps, `the order of ${email}`).toEqual(steps.toSorted((a, b) => a - b));
    const applied = entries.filter(tookEffect).map(stepOf);
    for (const { id, traits } of messages) {
      const times = applied.filter((step) => step === id).length;
      const counts = traits.customFields?.Visits !== undefined;
      if (counts) expect(times, `${id} counts once`).toBeLessThanOrEqual(1);
      if (times === 0) expect(counts && ambiguous.has(id), `${id} is not lost`).toBe(true);
    }
  }
}

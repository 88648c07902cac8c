import type { UpstreamHealth } from '../delivery/upstreamHealth.ts';
import type { Words } from './words.ts';

/** How SendX does, for the operator. */
export interface UpstreamSentence {
  readonly tone: 'ok' | 'wait' | 'bad';
  readonly title: string;
  readonly text: string;
}

/** Makes the sentences. Self-contained: the operator's page carries its source. */
export function createUpstreamWords({
  number,
  time,
  age,
}: Words): (health: UpstreamHealth, waiting: number) => UpstreamSentence {
  /** What SendX does, and what the operator can do about it. */
  const FAILURES: Readonly<Record<string, readonly [string, string?]>> = {
    unauthorized: ['refuses the API key or the team id', 'Check SENDX_API_KEY and SENDX_TEAM_ID.'],
    redirected: ['is not at the address that it is asked at', 'Check SENDX_API_URL.'],
    rate_limited: ['asks to slow down'],
    network: ['cannot be reached'],
    timeout: ['does not answer in time'],
    cut: ['breaks off its answers'],
    malformed: ['answers with something that is not its own'],
    unavailable: ['answers with an error'],
    outage: ['is down'],
  };

  return ({ state, reason, trouble, answeredAt, waitMs }, waiting) => {
    if (state === 'closed' && trouble === undefined) {
      const last = answeredAt === undefined ? '' : ` SendX last answered at ${time(answeredAt)}.`;
      return { tone: 'ok', title: 'Delivering', text: `Messages go out as they come.${last}` };
    }
    // A straggler's timeout is not why every lane waits; of an outage the last failure says more.
    const shut = state === 'closed' || reason === 'outage' ? undefined : reason;
    const cause = shut ?? trouble?.failure ?? 'outage';
    const [what, advice] = FAILURES[cause] ?? ['is in trouble'];
    const code = trouble?.failure === cause ? trouble.status : undefined;
    const status = code === undefined ? '' : ` (${code})`;
    const since = trouble === undefined ? '' : ` since ${time(trouble.since)}`;
    const waits =
      waiting === 0
        ? undefined
        : `${waiting === 1 ? 'One message waits' : `${number(waiting)} messages wait`}; nothing is lost.`;
    const next = waitMs > 0 ? `SendX is asked again in ${age(Math.max(1000, waitMs))}.` : undefined;
    const sentences = [`SendX ${what}${status}${since}.`, advice, waits, next];
    const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
    if (state === 'open') return { tone: 'bad', title: 'Holding back', text };
    const title = state === 'closed' ? 'Some deliveries fail' : 'Trying SendX again';
    return { tone: 'wait', title, text };
  };
}

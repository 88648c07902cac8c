import type { CallRow, Step } from './calls.ts';
import { COMMANDS, findFaults, sayFault } from './faults.ts';
import { describeValue } from './mask.ts';
import { asObject } from './payload.ts';

/** How a fact looks: fine, under way, wrong, or neither. */
export type Tone = 'good' | 'busy' | 'bad' | 'plain';

/** One fact for people. */
export interface Verdict {
  readonly tone: Tone;
  readonly text: string;
}

/** What the snippet knows beside the call. */
export interface Situation {
  readonly consent: string;
  /** `false` where no endpoint is known. */
  readonly hasEndpoint: boolean;
}

const GIVEN_UP = 'it will not be sent again';

/** Why the snippet itself gave a call up. */
const DROPPED: Readonly<Record<string, string>> = {
  too_large:
    'the message has more than 8 KiB, which is the most a page may send; the call was ignored',
  consent: 'the visitor did not consent; the call was ignored and nothing of it is kept',
  expired: `the message waited for more than 7 days; ${GIVEN_UP}`,
  evicted: `more than 100 messages or 64 KiB were waiting; ${GIVEN_UP}`,
  reset: 'it waited for an identify when the page called reset; the call was ignored',
  rejected: `the proxy does not understand the request: script and proxy may differ in version; ${GIVEN_UP}`,
};

/** What the calls do that concern the page alone. */
const DONE: Readonly<Record<string, string>> = {
  consent: 'remembered for this visitor',
  config: 'taken for this page',
  reset: 'the visitor is forgotten',
  flush: 'what waits is sent now',
};

const STEPS: Readonly<Record<Step, Verdict>> = {
  done: { tone: 'plain', text: 'done, in this page' },
  held: { tone: 'busy', text: 'waits for an identify, since nobody is known yet' },
  stored: { tone: 'busy', text: 'kept in this browser until the proxy has it' },
  sent: { tone: 'busy', text: 'on its way, no answer yet' },
  accepted: { tone: 'good', text: 'the proxy has it on disk and delivers it to SendX' },
  duplicate: { tone: 'good', text: 'the proxy had it already; it is delivered once' },
  refused: { tone: 'bad', text: 'the proxy refused it' },
  dropped: { tone: 'bad', text: 'the snippet gave it up' },
};

/** Why a call whose arguments were no good was dropped; `detail` is what was thrown. */
function explainInvalid({ name, payload, detail }: CallRow): string {
  const [fault] = findFaults(name, payload);
  const { path, received } = asObject(detail);
  const reason = fault
    ? sayFault(fault)
    : path === 'command' && name === 'form'
      ? 'the form is invalid, its data-sendx-if is not ticked, or its data-sendx-trap was filled'
      : path === 'command'
        ? `the call’s name must be ${COMMANDS}, got “${received}”`
        : path
          ? `${path} cannot be ${describeValue(received)}`
          : `it cannot be read (${detail})`;
  return `${reason}; the call was ignored`;
}

/** The proxy's own sentence, unless more is known of the call here. */
function explainRefusal({ name, payload, reason, detail }: CallRow): string {
  const [fault] = findFaults(name, payload).filter(({ mild }) => !mild);
  const why =
    reason === 'invalid' && fault
      ? sayFault(fault)
      : `${detail ?? reason}`.replace(/^The message was dropped: |\.$/g, '');
  return `${why}; the proxy refused the whole call, and ${GIVEN_UP}`;
}

/** What became of a call, in one sentence that goes on from its name, without a full stop. */
export function explain(row: CallRow, { consent, hasEndpoint }: Situation): Verdict {
  const { step, reason, name, payload } = row;
  const { tone, text } = STEPS[step];
  if (step === 'dropped')
    return {
      tone,
      text: reason === 'invalid' ? explainInvalid(row) : (DROPPED[reason as string] ?? text),
    };
  if (step === 'refused') return { tone, text: explainRefusal(row) };
  const [slip] = findFaults(name, payload);
  if (slip?.mild)
    return { tone: slip.isTypo ? 'bad' : tone, text: `${sayFault(slip)}; it is left out` };
  if (slip) {
    const end = name === 'consent' ? 'until then nothing is sent' : 'the proxy will refuse it';
    return { tone: 'bad', text: `${sayFault(slip)}; ${end}` };
  }
  if (/held|stored/.test(step) && consent === 'pending')
    return { tone, text: 'waits in this page’s memory until the visitor consents' };
  if (step === 'stored' && !hasEndpoint) return { tone: 'bad', text: 'has nowhere to go yet' };
  if (step === 'stored' && reason === 'misconfigured')
    return { tone: 'bad', text: 'kept in this browser; nothing more is tried on this page' };
  if (step === 'stored' && reason)
    return { tone, text: 'kept in this browser; the last attempt failed and another follows' };
  return { tone, text: (step === 'done' && DONE[name as string]) || text };
}

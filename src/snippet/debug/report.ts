import type { CallLog, CallRow } from './calls.ts';
import type { Verdict } from './explain.ts';
import type { FormReport } from './forms.ts';

/** One call as the panel shows it. */
export interface CallReport extends Verdict {
  readonly id: string;
  /** Of the call, by the visitor's clock. */
  readonly at: number;
  readonly name: string;
  /** What it says, masked. */
  readonly summary: string;
  readonly step: CallRow['step'];
}

/** Everything that is shown, on the panel and on the console. */
export interface Report {
  /** The one sentence to read first. */
  readonly headline: Verdict;
  /** Oldest first. */
  readonly calls: readonly CallReport[];
  readonly visitor: string;
  readonly consent: Verdict;
  /** Messages not yet settled. */
  readonly outbox: string;
  readonly endpoint: Verdict;
  readonly address: string;
  readonly forms: readonly FormReport[];
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Calls that have a later one of the same name to put them right; the others are no calls at all. */
const NAMES = /^(identify|track|form|message|consent)$/;

/** The gravest fact of now in one sentence: what went wrong and was put right is in the list alone. */
export function headlineOf(
  { trouble }: Pick<CallLog, 'trouble'>,
  { calls, consent, endpoint }: Pick<Report, 'calls' | 'consent' | 'endpoint'>,
): Verdict {
  const of = (pattern: RegExp) => said.filter(({ step }) => pattern.test(step)).length;
  const said = calls.filter(
    ({ name, tone }) => tone !== 'bad' && /^(identify|track|form|message)$/.test(name),
  );
  const wrong = calls.filter(
    (call, index) =>
      call.tone === 'bad' &&
      !calls
        .slice(index)
        .some(
          ({ name, tone }) =>
            /good|plain/.test(tone) && (name === call.name || !NAMES.test(call.name)),
        ),
  );
  const [last] = wrong.slice(-1);
  const open = of(/stored|sent/);
  if (endpoint.tone === 'bad') return endpoint;
  if (consent.tone === 'bad') return consent;
  if (trouble?.reason === 'misconfigured')
    return {
      tone: 'bad',
      text: `The proxy answered ${trouble.status} to messages: nothing more is tried on this page, everything is kept.`,
    };
  if (last)
    return {
      tone: 'bad',
      text: `${wrong.length > 1 ? `${wrong.length} calls went wrong, at last ` : ''}${last.name}: ${last.text}.`,
    };
  if (consent.tone === 'busy') return consent;
  if (trouble)
    return {
      tone: 'busy',
      text: 'The proxy could not be reached just now: another attempt follows.',
    };
  if (!said.length)
    return { tone: 'plain', text: 'Nothing was said on this page yet: no identify, no track.' };
  if (open) return { tone: 'busy', text: `${count(open, 'call')} on the way.` };
  if (of(/held/))
    return {
      tone: 'busy',
      text: `${count(of(/held/), 'call')} held until an identify tells who this is.`,
    };
  return {
    tone: 'good',
    text: said.length === 1 ? 'The call arrived.' : `All ${said.length} calls arrived.`,
  };
}

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

const count = (number: number) => `${number} call${number === 1 ? '' : 's'}`;

/** The gravest fact of now in one sentence. */
export function headlineOf(
  { trouble }: Pick<CallLog, 'trouble'>,
  { calls, consent, endpoint }: Pick<Report, 'calls' | 'consent' | 'endpoint'>,
): Verdict {
  const of = (pattern: RegExp) => said.filter(({ step }) => pattern.test(step)).length;
  const said = calls.filter(({ name }) => /^(identify|track|form|message)$/.test(name));
  const wrong = calls.filter(({ tone }) => tone === 'bad');
  const standing = new Map<string, CallReport>();
  for (const call of calls) {
    if (call.tone === 'bad') standing.set(call.name, call);
    // It may have been the correction; to a misspelt name there is none.
    if (/good|plain/.test(call.tone)) standing.delete(call.name);
  }
  const last = [...standing.values()].pop();
  const open = of(/stored|sent/);
  const lost = of(/refused|dropped/);
  if (endpoint.tone === 'bad') return endpoint;
  if (consent.tone === 'bad') return consent;
  if (last)
    return {
      tone: 'bad',
      text: `${wrong.length > 1 ? `${wrong.length} calls went wrong, such as ` : ''}${last.name}: ${last.text}.`,
    };
  if (consent.tone === 'busy') return consent;
  if (trouble)
    return {
      tone: 'busy',
      text: 'The last attempt failed and another follows.',
    };
  if (!said.length)
    return { tone: 'plain', text: 'Nothing was said on this page yet: no identify, no track.' };
  if (open) return { tone: 'busy', text: `${count(open)} on the way.` };
  if (of(/held/))
    return {
      tone: 'busy',
      text: `${count(of(/held/))} held until an identify tells who this is.`,
    };
  if (lost)
    return {
      tone: 'busy',
      text: `${said.length - lost} of ${said.length} calls arrived, ${lost} went wrong: see below.`,
    };
  return {
    tone: 'good',
    text: said.length === 1 ? 'The call arrived.' : `All ${said.length} calls arrived.`,
  };
}

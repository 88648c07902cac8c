import type { DebugSource } from '../debugLoader.ts';
import type { CallLog, CallRow } from './calls.ts';
import type { Situation, Verdict } from './explain.ts';
import { maskEmail } from './mask.ts';
import type { StoredMessage } from './messages.ts';
import type { CallReport, Report } from './report.ts';
import type { Trail } from './trail.ts';

/** What a snapshot is made with. */
export interface SnapshotParts {
  readonly readCalls: (events: DebugSource['events']) => CallLog;
  readonly explain: (row: CallRow, situation: Situation) => Verdict;
  readonly summarize: (payload: unknown) => string;
  readonly headlineOf: (
    log: CallLog,
    facts: Pick<Report, 'calls' | 'consent' | 'endpoint'>,
  ) => Verdict;
  readonly tellStatus: (trouble: NonNullable<CallLog['trouble']>) => Verdict;
  readonly readMessages: (source: DebugSource) => readonly StoredMessage[];
  readonly readVisitor: (source: DebugSource) => string | undefined;
  readonly readDue: (source: DebugSource) => number;
  readonly readForms: () => Report['forms'];
  readonly trail: Trail;
  readonly now: () => number;
}

const CONSENT: Readonly<Record<string, Verdict>> = {
  granted: { tone: 'good', text: 'Granted' },
  pending: { tone: 'busy', text: 'Pending: calls wait in memory, nothing is stored or sent.' },
  denied: { tone: 'bad', text: 'Denied: nothing is kept or sent.' },
};

/**
 * Tells what is known now. Remembers messages that it has seen, since an accepted one is stored no
 * longer.
 */
export function createSnapshot(
  source: DebugSource,
  parts: SnapshotParts,
): (endpoint: Verdict) => Report {
  const seen = new Map<unknown, StoredMessage>();
  const { earlier, keep } = parts.trail;

  const reportCall = (row: CallRow, situation: Situation): CallReport => {
    const { id, step, name } = row;
    const message = seen.get(id);
    const { type = 'message', email, traits, addTags, removeTags } = message ?? {};
    // A form's controls are its properties; an earlier page's arguments are gone.
    const isOpaque = name === 'form' || name === undefined;
    const said = message && { email, addTags, removeTags, ...(traits as object) };
    const payload = isOpaque ? said : row.payload;
    return {
      id,
      at: Number.parseInt(id, 36),
      name: `${name ?? type}`,
      summary: typeof payload === 'string' ? payload : parts.summarize(payload),
      ...earlier.find((call) => call.id === id),
      ...parts.explain(row, situation),
      step,
    };
  };

  return (endpoint) => {
    const { options, consent, events } = source;
    const choice = consent.state();
    const waiting = parts.readMessages(source);
    for (const message of waiting) seen.set(message.id, message);
    const log = parts.readCalls(events);
    const situation = { consent: choice, hasEndpoint: Boolean(options.endpoint) };
    const own = log.rows.map((row) => reportCall(row, situation));
    keep(choice === 'granted' ? own.filter(({ step }) => step !== 'done') : []);
    const isForeign = ({ id }: { readonly id?: unknown }) => own.every((call) => call.id !== id);
    const calls = [...earlier.filter(isForeign), ...own];
    const foreign = waiting.filter(isForeign).length;
    const held = waiting.filter(({ email }) => !email).length;
    const visitor = parts.readVisitor(source);
    const seconds = Math.ceil((parts.readDue(source) - parts.now()) / 1000);
    const { trouble } = log;
    const facts = {
      calls,
      // What messages were answered goes before what the check's empty envelope was.
      endpoint: trouble?.status && endpoint.tone !== 'bad' ? parts.tellStatus(trouble) : endpoint,
      consent: CONSENT[choice] ?? {
        tone: 'bad',
        text: `“${choice}” is no choice: nothing is sent.`,
      },
    };
    return {
      ...facts,
      headline: parts.headlineOf(log, facts),
      visitor: visitor ? maskEmail(visitor) : 'Nobody identified yet',
      outbox: [
        waiting.length ? `${waiting.length} waiting` : 'Empty',
        foreign && `${foreign} of an earlier page or another tab`,
        held && `${held} for an identify`,
        waiting.length > 0 && seconds > 0 && `next attempt in ${seconds} s`,
      ]
        .filter(Boolean)
        .join(', '),
      address: options.endpoint ?? 'None',
      forms: parts.readForms(),
    };
  };
}

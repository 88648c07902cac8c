import * as v from 'valibot';
import {
  type Lost,
  MAX_MESSAGES,
  type Message,
  PROTOCOL_VERSION,
  type RefusalCode,
} from '../protocol.ts';
import { MAX_LOST } from './validation/bounds.ts';
import { isObject, parseJson, unwrapArray } from './validation/json.ts';
import { ID } from './validation/messageSchema.ts';
import { parseMessage } from './validation/parsedMessage.ts';
import { type NotedCall, readStubCalls } from './validation/stubCalls.ts';

/** One message of an envelope, or the result it gets without being judged. */
export type Entry =
  | { readonly id: string; readonly message: Message }
  | { readonly id: string; readonly code: RefusalCode; readonly reason: string }
  | { readonly id: string; readonly code: 'later' };

/** What is wrong with an envelope: a place and a rule, never a value. */
export interface EnvelopeIssue {
  readonly path: string;
  readonly code: 'type' | 'version' | 'missing' | 'unknown_key' | 'too_many';
}

/** An envelope's content in the order it is to be stored, or its issues. */
export type ParsedEnvelope =
  | { readonly lost: Lost | undefined; readonly entries: readonly Entry[] }
  | { readonly issues: readonly EnvelopeIssue[] };

/** What a page claims beyond the bound is no reason to refuse the messages beside it. */
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.toMaxValue(MAX_LOST));
const time = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
const list = <const TItem extends v.GenericSchema>(item: TItem) =>
  v.pipe(v.unknown(), v.transform(unwrapArray), v.array(item), v.maxLength(MAX_MESSAGES));

const envelope = v.strictObject({
  v: v.literal(PROTOCOL_VERSION),
  sentAt: time,
  lost: v.exactOptional(v.strictObject({ expired: count, evicted: count })),
  messages: list(v.unknown()),
});

/** `[id, at, arguments]`; a page's own `toJSON` may have made JSON text of it. */
const stubCall = v.pipe(
  v.unknown(),
  v.transform(unwrapArray),
  v.strictTuple([v.pipe(v.string(), v.regex(ID)), time, v.unknown()]),
  v.transform(([id, at, call]): NotedCall => {
    const { 0: name, 1: payload } = Object(unwrapArray(call)) as ArrayLike<unknown>;
    return { id, at, call: [name, payload] };
  }),
);

const stubEnvelope = v.strictObject({ v: v.literal(PROTOCOL_VERSION), calls: list(stubCall) });

/** Parses the JSON of a request: the library's envelope or the stub's. */
export function parseEnvelope(body: unknown): ParsedEnvelope {
  // A page whose String.prototype has a toJSON encodes the whole envelope twice.
  const value = typeof body === 'string' ? parseJson(body) : body;
  if (!isObject(value)) return { issues: [{ path: '', code: 'type' }] };
  if ('calls' in value) {
    const parsed = v.safeParse(stubEnvelope, value);
    if (!parsed.success) return { issues: parsed.issues.map(toIssue) };
    return { lost: undefined, entries: stubEntries(parsed.output.calls) };
  }
  const parsed = v.safeParse(envelope, value);
  if (!parsed.success) return { issues: parsed.issues.map(toIssue) };
  return { lost: parsed.output.lost, entries: parsed.output.messages.map(toEntry) };
}

function stubEntries(calls: readonly NotedCall[]): readonly Entry[] {
  return readStubCalls(calls).map((entry) => {
    if ('candidate' in entry) return toEntry(entry.candidate);
    return entry.refusal === 'later'
      ? { id: entry.id, code: 'later' }
      : { id: entry.id, code: entry.refusal, reason: entry.reason };
  });
}

/** A message whose id is unusable is answered under the empty id, at its place in the results. */
function toEntry(value: unknown): Entry {
  const parsed = parseMessage(value);
  if ('message' in parsed) return { id: parsed.message.id, message: parsed.message };
  const id = isObject(value) && typeof value.id === 'string' && ID.test(value.id) ? value.id : '';
  return { id, code: 'invalid', reason: parsed.fault };
}

const KNOWN_KEYS = new Set('v sentAt lost expired evicted messages calls'.split(' '));

function toIssue(issue: v.BaseIssue<unknown>): EnvelopeIssue {
  const keys = issue.path?.map(({ key }) => key) ?? [];
  const path = keys
    .map((key) =>
      typeof key === 'number' || (typeof key === 'string' && KNOWN_KEYS.has(key)) ? key : '*',
    )
    .join('.');
  return { path, code: codeOf(issue, path) };
}

function codeOf(issue: v.BaseIssue<unknown>, path: string): EnvelopeIssue['code'] {
  if (issue.type === 'max_length') return 'too_many';
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'unknown_key';
  if (issue.received === 'undefined') return 'missing';
  return path === 'v' ? 'version' : 'type';
}

import { describe, expect, it } from 'vitest';
import { MAX_AGE_MS, type Message } from '../../../src/protocol.ts';
import {
  BACKOFF_CAP_MS,
  backoff,
  COOL_DOWN_CAP_MS,
  coolDown,
  RETRY_AFTER_CAP_MS,
} from '../../../src/proxy/delivery/backoff.ts';
import { holdsIncrement, isIncrement } from '../../../src/proxy/delivery/increment.ts';
import { createOutage } from '../../../src/proxy/delivery/outage.ts';
import { judge, upstreamReason } from '../../../src/proxy/delivery/verdict.ts';
import type { Verdict } from '../../../src/proxy/outbox/outbox.ts';
import type { SendxFailure } from '../../../src/proxy/sendx/errors.ts';

const most = () => 1 - Number.EPSILON;

describe('backoff', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [9, 256_000],
    [10, BACKOFF_CAP_MS],
    [5_000, BACKOFF_CAP_MS],
  ])('after attempt %i is below %i ms', (attempt, ms) => {
    expect(backoff(attempt, most)).toBe(ms);
    expect(backoff(attempt, () => 0)).toBe(0);
    expect(backoff(attempt, () => 0.5)).toBe(ms / 2);
  });

  it.each([
    [7_000, 7_000],
    [0, 500],
    [undefined, 500],
    [48 * RETRY_AFTER_CAP_MS, RETRY_AFTER_CAP_MS],
  ])('of a Retry-After of %s ms is %i ms', (retryAfterMs, ms) => {
    expect(backoff(1, () => 0.5, retryAfterMs)).toBe(ms);
  });
});

describe('coolDown', () => {
  it.each([
    [0, 1_000],
    [1, 2_000],
    [5, 32_000],
    [6, COOL_DOWN_CAP_MS],
    [2_000, COOL_DOWN_CAP_MS],
  ])('at level %i is between half of and %i ms', (level, ms) => {
    expect(coolDown(level, () => 0)).toBe(ms / 2);
    expect(coolDown(level, most)).toBe(ms);
  });
});

describe('createOutage', () => {
  it.each([
    ['one lane', 'aaaaaa', false],
    ['two lanes', 'ababab', false],
    ['three lanes', 'aabbc', true],
    ['three lanes with an answer between', 'ab.c', false],
    ['three lanes after an answer', 'ab.abc', true],
    ['a known lane during an outage', 'abca', true],
    ['a lane after the outage', 'abcd.a', false],
  ])('sees %s', (_, events, expected) => {
    const outage = createOutage();
    let last = false;
    for (const event of events) {
      if (event === '.') outage.heard();
      else last = outage.unheard(event);
    }
    expect(last).toBe(expected);
  });
});

describe('isIncrement', () => {
  it.each(['++5', '--5', '++2.5', ' ++5', '++ 5', '--.5', '++-5', '++5kg'])('is %j', (value) => {
    expect(isIncrement(value)).toBe(true);
  });
  it.each([
    '\u200b++5',
    '++\u200b5',
    '+\u200b+5',
    '\uff0b\uff0b5',
    '\ufe63\uff0d5',
    '++\uff15',
    '++\u0665',
    '++\u2460',
    '++\u{1d7d3}',
    '\u0001++5',
    '+\u0001+5',
    '\ufeff++\u00a05',
    '++++5',
    '++ - 5',
    '-- + .5',
    '--,5',
  ])('is %j, whatever SendX makes of it', (value) => {
    expect(isIncrement(value)).toBe(true);
  });
  it.each([
    '5',
    '+5',
    '-5',
    '++',
    '--',
    '-- none --',
    '--Select--',
    'C++',
    'a++5',
    '',
    '+ 5',
    '-5--5',
    '++a5',
    '+49 89',
    '\u201305',
  ])('is not %j', (value) => {
    expect(isIncrement(value)).toBe(false);
  });

  it('of a message lies in its custom fields alone', () => {
    const base = { id: 'm', at: 0, email: 'a@x.io' };
    const identify = (traits: object): Message => ({ ...base, type: 'identify', traits });
    expect(holdsIncrement(identify({ customFields: { A: 'x', B: '++5' } }))).toBe(true);
    expect(holdsIncrement(identify({ firstName: '++5', tags: ['++5'] }))).toBe(false);
    expect(holdsIncrement(identify({}))).toBe(false);
    expect(holdsIncrement({ ...base, type: 'track', addTags: ['++5'] })).toBe(false);
  });
});

const words = { message: 'm' };
const no = { applied: 'no', ...words } as const;
const maybe = { applied: 'maybe', ...words } as const;
const FAILURES: readonly SendxFailure[] = [
  { kind: 'unauthorized', status: 401, ...no },
  { kind: 'not_found', status: 404, ...no },
  { kind: 'conflict', status: 409, ...no },
  { kind: 'invalid', status: 422, ...no },
  { kind: 'refused_by_body', status: 200, ...no },
  { kind: 'rate_limited', status: 429, ...no },
  { kind: 'unavailable', status: 500, ...maybe },
  { kind: 'redirected', status: 302, ...no },
  { kind: 'malformed', status: 200, ...maybe },
  { kind: 'network', code: 'ECONNREFUSED', ...no },
  { kind: 'timeout', ...maybe },
  { kind: 'cut', ...maybe },
  { kind: 'aborted', ...maybe },
];

/** Columns: alone, in an outage, with an increment, with an increment at the age of 7 days, old. */
const TABLE: Readonly<Record<SendxFailure['kind'], readonly string[]>> = {
  unauthorized: ['upstream', 'upstream', 'upstream', 'upstream', 'upstream'],
  redirected: ['upstream', 'upstream', 'upstream', 'upstream', 'upstream'],
  rate_limited: ['upstream', 'upstream', 'upstream', 'expired', 'expired'],
  network: ['upstream', 'upstream', 'upstream', 'expired', 'expired'],
  not_found: ['rejected', 'rejected', 'rejected', 'rejected', 'rejected'],
  conflict: ['rejected', 'rejected', 'rejected', 'rejected', 'rejected'],
  invalid: ['rejected', 'rejected', 'rejected', 'rejected', 'rejected'],
  refused_by_body: ['rejected', 'rejected', 'rejected', 'rejected', 'rejected'],
  unavailable: ['message', 'upstream', 'ambiguous', 'ambiguous', 'expired'],
  malformed: ['message', 'upstream', 'ambiguous', 'ambiguous', 'expired'],
  timeout: ['message', 'upstream', 'ambiguous', 'ambiguous', 'expired'],
  cut: ['message', 'upstream', 'ambiguous', 'ambiguous', 'expired'],
  aborted: ['message', 'message', 'ambiguous', 'ambiguous', 'message'],
};

describe('judge', () => {
  const plain: Message = { id: 'm', type: 'identify', at: 0, email: 'a@x.io', traits: {} };
  const adding: Message = { ...plain, traits: { customFields: { A: '++1' } } };
  const word = (verdict: Verdict) =>
    verdict.kind === 'retry' ? verdict.scope : verdict.kind === 'dead' ? verdict.reason : 'done';

  it.each(FAILURES)('of $kind follows the table', (failure) => {
    const verdict = (message: Message, ageMs: number, isOutage: boolean) =>
      word(judge(failure, { message, ageMs, attempt: 1, isOutage }, () => 0.5));
    expect([
      verdict(plain, MAX_AGE_MS - 1, false),
      verdict(plain, MAX_AGE_MS - 1, true),
      verdict(adding, MAX_AGE_MS - 1, false),
      verdict(adding, MAX_AGE_MS, false),
      verdict(plain, MAX_AGE_MS, false),
    ]).toEqual(TABLE[failure.kind]);
  });

  it('holds all lanes exactly where there is a reason to name', () => {
    for (const failure of FAILURES) {
      for (const isOutage of [false, true]) {
        const attempt = { message: plain, ageMs: 0, attempt: 1, isOutage };
        const verdict = judge(failure, attempt, () => 0.5);
        const isUpstream = verdict.kind === 'retry' && verdict.scope === 'upstream';
        expect(upstreamReason(failure, isOutage) !== undefined).toBe(isUpstream);
      }
    }
  });
});

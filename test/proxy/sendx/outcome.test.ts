import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/proxy/sendx/answer.ts';
import { parseContact } from '../../../src/proxy/sendx/contact.ts';
import { toOutcome } from '../../../src/proxy/sendx/outcome.ts';
import { parseRetryAfter } from '../../../src/proxy/sendx/retryAfter.ts';
import { unsentCode } from '../../../src/proxy/sendx/unsent.ts';

const NOW = Date.UTC(2026, 0, 1);

describe('readAnswer', () => {
  it('takes a redirect whose status the browser hides for one', async () => {
    const hidden = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    expect(await readAnswer(hidden, 'key')).toEqual({ status: 302, body: undefined });
  });
});

describe('toOutcome', () => {
  it.each([
    [200, { status: '200', message: 'OK' }, 'ok'],
    [200, { status: 200 }, 'ok'],
    [200, { status: 'success' }, 'ok'],
    [200, {}, 'ok'],
    [201, { status: '201' }, 'ok'],
    [204, undefined, 'ok'],
    [200, undefined, 'malformed'],
    [200, 'success', 'malformed'],
    [200, null, 'malformed'],
    [200, { status: 'error' }, 'refused_by_body'],
    [200, { status: 'Error' }, 'refused_by_body'],
    [200, { status: '400' }, 'invalid'],
    [200, { status: '429' }, 'rate_limited'],
    [200, { status: 500 }, 'unavailable'],
    [404, { status: '200' }, 'not_found'],
    [500, { status: 401 }, 'unavailable'],
    [302, undefined, 'redirected'],
    [413, undefined, 'invalid'],
    [499, undefined, 'invalid'],
    [599, undefined, 'unavailable'],
    [600, undefined, 'unavailable'],
  ])('reads %i with %j as %s', (status, body, kind) => {
    const outcome = toOutcome({ status, body }, 'identify', NOW);
    expect(outcome.ok ? 'ok' : outcome.failure.kind).toBe(kind);
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 1.5 ', 1_500],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['-5', undefined],
    ['1e9', undefined],
    ['2026-01-01', undefined],
    ['soon', undefined],
    ['NaN GMT', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (value, ms) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });
});

describe('parseContact', () => {
  it('leaves out what is of another type than documented', () => {
    const data = {
      email: 'a@x.io',
      firstName: 7,
      tags: ['t', 7],
      lists: ['l'],
      customFields: { Age: 7 },
      bounced: false,
      spam: 'no',
      LTV: 12,
      constructor: 'x',
    };
    expect(parseContact(data)).toEqual({ email: 'a@x.io', lists: ['l'], bounced: false, LTV: 12 });
  });

  it.each([['success'], [null], [undefined], [[]]])('finds none in %j', (data) => {
    expect(parseContact(data)).toBeUndefined();
  });
});

describe('unsentCode', () => {
  const error = (code: string, more: object = {}) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, ...more }) });
  const several = (...codes: string[]) => {
    const errors = codes.map((code) => Object.assign(new Error(code), { code }));
    const cause = Object.assign(new AggregateError(errors), { code: codes[0] });
    return new TypeError('fetch failed', { cause });
  };
  const loop = new Error('loop');
  loop.cause = loop;

  it.each([
    ['a refused connection', error('ECONNREFUSED'), 'ECONNREFUSED'],
    ['an unknown host', error('ENOTFOUND'), 'ENOTFOUND'],
    ['a certificate', error('CERT_HAS_EXPIRED'), 'CERT_HAS_EXPIRED'],
    ['a connect that timed out', error('ETIMEDOUT', { syscall: 'connect' }), 'ETIMEDOUT'],
    ['several refused', several('ECONNREFUSED', 'ECONNREFUSED'), 'ECONNREFUSED'],
    ['a read that timed out', error('ETIMEDOUT', { syscall: 'read' }), undefined],
    ['a reset', error('ECONNRESET'), undefined],
    ['one of several reset', several('ECONNREFUSED', 'ECONNRESET'), undefined],
    ['no code', new TypeError('fetch failed'), undefined],
    ['a cycle', loop, undefined],
    ['no error at all', 'ECONNREFUSED', undefined],
  ])('judges %s', (_, thrown, code) => {
    expect(unsentCode(thrown)).toBe(code);
  });
});

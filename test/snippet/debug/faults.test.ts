import { describe, expect, it } from 'vitest';
import { attempt } from '../../../src/snippet/attempt.ts';
import { parseCommand } from '../../../src/snippet/command.ts';
import { findFaults, sayFault } from '../../../src/snippet/debug/faults.ts';

const say = (name: unknown, payload: unknown) => findFaults(name, payload).map(sayFault);

describe('findFaults', () => {
  it.each<[string, unknown]>([
    ['identify', { email: 'jane@example.com', firstName: 'Jane', tags: ['a', 7], success() {} }],
    ['identify', { birthday: '1990-12-31', customFields: { Age: 29, Gone: null }, newEmail: '' }],
    ['identify', { birthday: new Date(0), tags: 'a, b', lastName: null, company: undefined }],
    ['identify', {}],
    ['track', { addTags: 'a' }],
    ['track', { removeTags: ['a'], email: 'jane@example.com', signature: 'x' }],
    ['consent', 'granted'],
    ['reset', undefined],
    ['form', 'whatever'],
  ])('finds nothing wrong with %s %j', (name, payload) => {
    expect(say(name, payload)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'identify',
      'jane@example.com',
      'the second argument must be an object, got the text "j…e@example.com"',
    ],
    ['identify', { email: 5 }, 'email must be an e-mail address, got the number …'],
    [
      'identify',
      { newEmail: 'x y@z.de' },
      'newEmail must be an e-mail address, got the text "x…y@z.de"',
    ],
    [
      'identify',
      { birthday: '1990-02-99' },
      'birthday must be a date such as 1990-12-31, got the text "1…"',
    ],
    ['identify', { firstName: ['Jane'] }, 'firstName must be a text, got a list'],
    ['identify', { tags: { a: 1 } }, 'tags must be a list of texts, got an object'],
    ['identify', { tags: [{}] }, 'tags must be a list of texts, got a list'],
    [
      'identify',
      { customFields: 'x' },
      'customFields must be an object of names and texts, got the text "…"',
    ],
    ['identify', { customFields: { Plan: {} } }, 'customFields.Plan must be a text, got an object'],
    ['track', { addTags: ' , ' }, 'addTags must hold at least one tag, got the text " …"'],
    ['track', undefined, 'the second argument must be an object, got undefined'],
    ['track', { tags: ['a'] }, 'tags is no property of track: addTags is'],
    ['track', { tags: ['a'], addTags: 'b' }, 'tags is no property of track: addTags is'],
    ['track', { addTag: 'a' }, 'addTag is no property of track: addTags is'],
    ['track', { plan: 'Pro' }, 'addTags must hold at least one tag, got undefined'],
    ['track', { mail: 'j@x.io' }, 'addTags must hold at least one tag, got undefined'],
    ['identify', { __a: 1 }, '__a is no property of identify'],
    [
      'identify',
      { email: 'eve@example' },
      'email must be an e-mail address, got the text "e…e@example"',
    ],
    ['identify', { plan: 'Pro' }, 'plan is no property of identify'],
    ['identify', { first_name: 'Jane' }, 'first_name is no property of identify: firstName is'],
    ['consent', true, 'the choice must be granted, denied or pending, got the boolean t…'],
  ])('%s %j: %s', (name, payload, sentence) => {
    expect(say(name, payload)[0]).toBe(sentence);
  });

  it.each([
    'a@b.de',
    'a.b@c.de',
    'a@b',
    'a.@b.de',
    '.a@b.de',
    'a@b.',
    'a@b..de',
    'a b@c.de',
    'é@ü.ö',
  ])('takes %s for an address as the snippet does', (email) => {
    const taken = attempt(() => parseCommand('identify', { email }));
    expect(say('identify', { email })).toHaveLength(taken ? 0 : 1);
  });

  it('never repeats a value of the visitor’s', () => {
    const secret = 'confidential';
    const sentences = ['email', 'newEmail', 'birthday', 'tags', 'customFields', 'unknown'].flatMap(
      (key) => say('identify', { [key]: [secret, { secret }], email: secret }),
    );
    expect(sentences.length).toBeGreaterThan(5);
    expect(sentences.join()).not.toContain(secret);
  });
});

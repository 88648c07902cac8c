import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/snippet/command.ts';

/** As it travels: prototypes and absent values do not. */
const parse = (...call: Parameters<typeof parseCommand>) =>
  JSON.parse(JSON.stringify(parseCommand(...call)));

const problemOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (problem) {
    return problem;
  }
  return undefined;
};

describe('parseCommand', () => {
  it('sorts an identify into contact and traits', () => {
    const traits = {
      firstName: 'Jane',
      lastName: 'Doe',
      company: 'Acme',
      birthday: '1990-01-02',
      customFields: { Age: '++5', Plan: 'Pro' },
      tags: ['newsletter'],
    };
    const payload = { email: 'jane@example.com', signature: 'ab12', ...traits };
    expect(parse('identify', payload)).toEqual({
      email: 'jane@example.com',
      signature: 'ab12',
      traits,
    });
  });

  it('leaves the tags of a track beside its contact', () => {
    const payload = { email: 'jane@example.com', addTags: ['a'], removeTags: ['b'] };
    expect(parse('track', payload)).toEqual(payload);
  });

  it.each([
    ['identify', { addTags: ['a'], removeTags: ['b'] }, { traits: {} }],
    ['track', { firstName: 'Jane', tags: ['a'], newEmail: 'j@example.com' }, {}],
    ['track', { success: () => {}, failure: () => {} }, {}],
    ['track', { id: 'x', at: 1, type: 'identify', traits: { firstName: 'Jane' } }, {}],
    ['identify', { password: 'x', xfirstName: 'x', tagsx: 'x' }, { traits: {} }],
    ['identify', { emails: 'x', signatures: 'x', backupemail: 'x' }, { traits: {} }],
    ['track', { emails: 'x', xsignature: 'x', xaddTags: ['a'], addTagsx: ['a'] }, {}],
    ['track', { xremoveTags: ['a'], removeTagsx: ['a'] }, {}],
    ['identify', JSON.parse('{"__proto__":{"tags":["x"]}}'), { traits: {} }],
  ] as const)('lets nothing travel that is no part of %s: %j', (type, payload, expected) => {
    expect(parse(type, payload)).toEqual(expected);
  });

  it.each([null, undefined, ''])('takes %j for absent', (value) => {
    const payload = { email: value, newEmail: value, firstName: value, tags: value };
    expect(parse('identify', payload)).toEqual({ traits: {} });
  });

  it.each([0, false, '++5', [], {}])('keeps %j as the page said it', (value) => {
    expect(parse('identify', { company: value })).toEqual({ traits: { company: value } });
  });

  it.each([
    [' Jane@Example.COM ', 'jane@example.com'],
    ['jane+tag@sub.example.com', 'jane+tag@sub.example.com'],
    ["o'hara@example.ie", "o'hara@example.ie"],
    ['jane.m.doe@mail.example.co.uk', 'jane.m.doe@mail.example.co.uk'],
    ['žofie@příklad.cz', 'žofie@příklad.cz'],
  ])('reads %j as an e-mail', (given, email) => {
    expect(parse('track', { email: given })).toEqual({ email });
    expect(parse('identify', { newEmail: given })).toEqual({ traits: { newEmail: email } });
  });

  it.each([
    ...['jane', 'jane@', '@example.com', 'a@b@c.de', 'jane doe@example.com', ' ', 7, {}, [], true],
    // What `type=email` takes, and the proxy does not.
    ...[
      'jane@localhost',
      'jane@example.',
      'jane@.com',
      'jane@a..b',
      'jane@x.io doe',
      'jane@x.io@y.io',
      'j. @x.io',
      'jane.@x.io',
      '.j@x.io',
      'j..d@x.io',
    ],
  ])('has a problem with the e-mail %j', (received) => {
    for (const path of ['email', 'newEmail'])
      expect(problemOf(() => parseCommand('identify', { [path]: received }))).toEqual({
        path,
        received,
      });
  });

  it.each([7, true, 'jane@example.com', Symbol('x')])(
    'has a problem with %s in the place of an object',
    (received) => {
      for (const path of ['identify', 'track'] as const)
        expect(problemOf(() => parseCommand(path, received))).toEqual({ path, received });
    },
  );

  it('inherits nothing where the page has polluted Object.prototype', () => {
    const polluted = Object.prototype as Record<string, unknown>;
    const keys = ['email', 'signature', 'newEmail', 'tags', 'toJSON'];
    let seen: unknown;
    let json: string;
    try {
      for (const key of keys) polluted[key] = () => 'polluted';
      const command = parseCommand('identify', { firstName: 'Jane' });
      seen = [command.email, command.signature, command.traits?.newEmail, command.traits?.tags];
      json = JSON.stringify(command);
    } finally {
      for (const key of keys) delete polluted[key];
    }
    expect(seen).toEqual(Array(4).fill(undefined));
    expect(json).toBe('{"traits":{"firstName":"Jane"}}');
  });

  it('makes a command or a problem of anything', () => {
    fc.assert(
      fc.property(fc.constantFrom('identify', 'track'), fc.object(), (type, payload) => {
        const { email, signature, traits, addTags, removeTags, ...rest } = parse(type, payload);
        expect(rest).toEqual({});
      }),
    );
  });
});

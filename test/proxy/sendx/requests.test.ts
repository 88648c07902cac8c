import { describe, expect, it } from 'vitest';
import { type SendxCall, toRequest } from '../../../src/proxy/sendx/requests.ts';

const REST = { apiKey: 'key' };
const LEGACY = { apiKey: 'key', teamId: 'team' };
const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

const contact = {
  email: 'a+b@x.io',
  firstName: 'Jane',
  lastName: 'Doe',
  company: 'X',
  birthday: '1989-03-12',
  newEmail: 'c@x.io',
  customFields: { Age: '++1' },
  tags: ['t'],
};

describe('toRequest', () => {
  it.each([
    [
      'identify on REST',
      { type: 'identify', contact: { ...contact, lists: ['l'] } },
      REST,
      { path: 'contact/identify', query: {}, body: { ...contact, lists: ['l'] } },
    ],
    [
      'identify on legacy, which knows no lists',
      { type: 'identify', contact: { ...contact, lists: ['l'] } },
      LEGACY,
      { path: 'contact/identify', query: { team_id: 'team' }, body: contact },
    ],
    [
      'track on REST, its e-mail in the body',
      { type: 'track', email: 'a+b@x.io', change: { addTags: ['t'], removeTags: ['u'] } },
      REST,
      {
        path: 'contact/track',
        query: {},
        body: { email: 'a+b@x.io', addTags: ['t'], removeTags: ['u'] },
      },
    ],
    [
      'track on legacy, its e-mail in the query',
      { type: 'track', email: 'a+b@x.io', change: { addTags: ['t'], removeTags: ['u'] } },
      LEGACY,
      {
        path: 'contact/track',
        query: { team_id: 'team', email: 'a+b@x.io' },
        body: { addTags: ['t'], removeTags: ['u'] },
      },
    ],
    [
      'nothing that is empty',
      {
        type: 'identify',
        contact: { email: 'a@x.io', firstName: '', tags: [], customFields: {}, lists: [] },
      },
      REST,
      { path: 'contact/identify', query: {}, body: { email: 'a@x.io' } },
    ],
    [
      'an empty value of a custom field, whose meaning is SendX’s',
      { type: 'identify', contact: { email: 'a@x.io', customFields: { Age: '' } } },
      REST,
      { path: 'contact/identify', query: {}, body: { email: 'a@x.io', customFields: { Age: '' } } },
    ],
    [
      'a track without tags',
      { type: 'track', email: 'a@x.io', change: { addTags: [] } },
      LEGACY,
      { path: 'contact/track', query: { team_id: 'team', email: 'a@x.io' }, body: {} },
    ],
  ] satisfies readonly (readonly [string, SendxCall, object, object])[])('shapes %s', (...row) => {
    const [, call, credentials, request] = row;
    const key = credentials === REST ? { 'x-team-apikey': 'key' } : { api_key: 'key' };
    expect(toRequest(call, credentials)).toEqual({
      ...request,
      headers: { ...JSON_HEADERS, ...key },
    });
  });
});

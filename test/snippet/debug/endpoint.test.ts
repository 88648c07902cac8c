import { describe, expect, it } from 'vitest';
import { checkEndpoint, type EndpointParts } from '../../../src/snippet/debug/endpoint.ts';

const ENDPOINT = 'https://t.example.com/v1/messages';
const receipt = () => Response.json({ results: [] }, { status: 202 });

/** A network whose answers are told by mode and path; `undefined` is a failure. */
const check = (
  endpoint: string | undefined,
  answers: Readonly<Record<string, () => Response>>,
  parts: Partial<EndpointParts> = {},
) =>
  checkEndpoint(endpoint, {
    fetch: async (input, init) => {
      const answer = answers[`${init?.mode} ${new URL(`${input}`).pathname}`];
      if (!answer) throw new TypeError('Failed to fetch');
      return answer();
    },
    location: { protocol: 'https:', origin: 'https://shop.example.com' },
    onLine: () => true,
    isForbidden: () => false,
    ...parts,
  });

describe('checkEndpoint', () => {
  it('is content with the receipt that only the proxy gives', async () => {
    expect(await check(ENDPOINT, { 'cors /v1/messages': receipt })).toEqual({
      tone: 'good',
      text: 'The proxy takes messages from this site.',
    });
  });

  it.each<
    [RegExp, string | undefined, Readonly<Record<string, () => Response>>, Partial<EndpointParts>?]
  >([
    [/^No endpoint is known: set data-endpoint/, undefined, {}],
    [/^No endpoint is known/, '', {}],
    [/^The endpoint is no address/, '/v1/messages', {}],
    [/^The page is https and the endpoint http/, 'http://t.example.com/v1/messages', {}],
    [
      /answers 503 to messages: it is down or busy/,
      ENDPOINT,
      { 'cors /v1/messages': () => new Response('', { status: 503 }) },
    ],
    [
      /^Wrong URL: t.example.com answers 200 at \/v1\/messages/,
      ENDPOINT,
      { 'cors /v1/messages': () => new Response('<html>') },
    ],
    [
      /answers 429 to messages: it is down or busy/,
      ENDPOINT,
      { 'cors /v1/messages': () => new Response('', { status: 429 }) },
    ],
    [
      /^Wrong URL: t.example.com answers 200/,
      ENDPOINT,
      { 'cors /v1/messages': () => Response.json(null) },
    ],
    [
      /^Wrong URL: t.example.com answers 405/,
      ENDPOINT,
      { 'cors /v1/messages': () => new Response('', { status: 405 }) },
    ],
    [
      /Content-Security-Policy blocks it: add https:\/\/t.example.com to connect-src/,
      ENDPOINT,
      {},
      { isForbidden: (url) => url === ENDPOINT },
    ],
    [/^This browser is offline/, ENDPOINT, {}, { onLine: () => false }],
    [
      /does not take messages from https:\/\/shop.example.com: add it to ALLOWED_ORIGINS/,
      ENDPOINT,
      {
        'no-cors /v1/messages': () => Response.error(),
        'cors /v1/sendx.js': () => new Response(''),
      },
    ],
    [/answers without CORS headers/, ENDPOINT, { 'no-cors /v1/messages': () => Response.error() }],
    [
      /^A browser extension or filter blocks https:\/\/t.example.com\/v1\/messages/,
      ENDPOINT,
      { 'no-cors /': () => Response.error() },
    ],
    [/^Unreachable: nobody answers at t.example.com/, ENDPOINT, {}],
  ])('says %s', async (sentence, endpoint, answers, parts) => {
    const { tone, text } = await check(endpoint, answers, parts);
    expect(text).toMatch(sentence);
    expect(tone).toBe('bad');
  });

  const redirected = (answer: Response) =>
    Object.defineProperties(answer, {
      redirected: { value: true },
      url: { value: 'https://other.example.com/v1/messages' },
    });

  it('names the address behind a redirect that messages follow', async () => {
    const answers = { 'cors /v1/messages': () => redirected(receipt()) };
    expect(await check(ENDPOINT, answers)).toEqual({
      tone: 'good',
      text: 'The proxy takes messages from this site. The endpoint redirects to https://other.example.com/v1/messages, which costs a round trip.',
    });
  });

  it('says where a redirect leads that messages do not follow', async () => {
    const answers = { 'cors /v1/messages': () => redirected(new Response('', { status: 405 })) };
    expect(await check(ENDPOINT, answers)).toEqual({
      tone: 'bad',
      text: 'The endpoint redirects to https://other.example.com/v1/messages, where messages do not arrive.',
    });
  });

  it('says of a busy proxy behind a redirect that it is busy', async () => {
    const answers = { 'cors /v1/messages': () => redirected(new Response('', { status: 503 })) };
    expect((await check(ENDPOINT, answers)).text).toMatch(/answers 503 to messages/);
  });

  it('lets a page of this computer use http', async () => {
    const local = 'http://localhost:8787/v1/messages';
    expect((await check(local, { 'cors /v1/messages': receipt })).tone).toBe('good');
  });
});

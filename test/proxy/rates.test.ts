import { expect, test } from 'vitest';
import { createMemoryRate } from '../../src/proxy/policy/rate.ts';
import { createSignatures } from '../../src/proxy/policy/signature.ts';
import { createSecret } from '../../src/proxy/settings/secret.ts';
import {
  createTestApp,
  envelope,
  identify,
  openTestOutbox,
  recordingOutbox,
  SECRET,
  SITE,
  track,
} from './fixture.ts';

test('a flood from one address is answered 429 before anything is parsed', async () => {
  const { send } = await createTestApp({
    outbox: recordingOutbox(),
    rates: { ip: createMemoryRate(2) },
  });
  expect((await send('not json')).status).toBe(400);
  expect((await send('not json')).status).toBe(400);
  const response = await send('not json');
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(response.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
  expect(response.headers.get('ratelimit-policy')).toBe('"address";q=2;w=60');
  expect(response.headers.get('access-control-allow-origin')).toBe(SITE);
  expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After');
});

test('the neighbours in one IPv6 /64 are one address, and those behind a proxy are many', async () => {
  const counted: string[] = [];
  const ip = async (key: string) => void counted.push(key);
  const { send } = await createTestApp({
    outbox: recordingOutbox(),
    rates: { ip },
    env: { TRUSTED_HOPS: '1' },
    peer: '10.0.0.1',
  });
  for (const from of ['2001:db8::1', '6.6.6.6, 2001:db8::2', '198.51.100.1, garbage']) {
    await send(envelope([]), { 'X-Forwarded-For': from });
  }
  expect(counted).toEqual(['2001:db8:0:0::', '2001:db8:0:0::', '10.0.0.1']);
});

test('a forged X-Forwarded-For counts for nothing unless hops are trusted', async () => {
  const counted: string[] = [];
  const { send } = await createTestApp({
    outbox: recordingOutbox(),
    rates: { ip: async (key) => void counted.push(key) },
  });
  await send(envelope([]), { 'X-Forwarded-For': '1.2.3.4' });
  expect(counted).toEqual(['203.0.113.7']);
});

test('an envelope counts as many times as it has messages, and is stored whole or not at all', async () => {
  const outbox = await openTestOutbox();
  const { send } = await createTestApp({ rates: { ip: createMemoryRate(5) }, outbox });
  const three = () => envelope([identify(), track(), track()]);
  expect((await send(three())).status).toBe(202);
  const response = await send(three());
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(await outbox.stats()).toMatchObject({ waiting: 3 });
  expect((await send('not json')).status).toBe(429);
});

test('an envelope of more messages than the limit of an address passes where none came before', async () => {
  const { send } = await createTestApp({ rates: { ip: createMemoryRate(4) } });
  const many = envelope(Array.from({ length: 50 }, () => track()));
  expect((await send(many)).status).toBe(202);
  expect((await send(envelope([track()]))).status).toBe(429);
});

test('unsigned messages use up nothing of what a signed visitor may say', async () => {
  const { results } = await createTestApp({
    rates: { contact: createMemoryRate(2) },
    env: { IDENTITY_SECRETS: SECRET },
  });
  const signature = await createSignatures([createSecret(SECRET)]).sign('jane@example.com');
  await results([track(), track(), track()]);
  const answers = await results([track({ signature }), track({ signature }), track({ signature })]);
  expect(answers.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'later']);
});

test('messages of a contact over its rate come later, those of others do not', async () => {
  const { results } = await createTestApp({ rates: { contact: createMemoryRate(2) } });
  const joe = identify({ email: 'joe@example.com' });
  const answers = await results([identify(), track(), joe, track(), track()]);
  expect(answers.map(({ status }) => status)).toEqual([
    'accepted',
    'accepted',
    'accepted',
    'later',
    'later',
  ]);
});

test('what is refused uses up nothing of a contact', async () => {
  const { results } = await createTestApp({ rates: { contact: createMemoryRate(1) } });
  const forged = track({ signature: 'f'.repeat(64) });
  const answers = await results([forged, forged, track()]);
  expect(answers.map(({ status }) => status)).toEqual(['refused', 'refused', 'accepted']);
});

test('names the contact by its lane and by no address', async () => {
  const counted: string[] = [];
  const { results } = await createTestApp({
    rates: { contact: async (key) => void counted.push(key) },
  });
  await results([track()]);
  expect(counted).toHaveLength(1);
  expect(counted[0]).not.toContain('jane');
});

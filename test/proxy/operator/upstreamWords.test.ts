import { expect, test } from 'vitest';
import type { UpstreamHealth } from '../../../src/proxy/delivery/upstreamHealth.ts';
import { createUpstreamWords } from '../../../src/proxy/operator/upstreamWords.ts';
import { createWords } from '../../../src/proxy/operator/words.ts';

const say = createUpstreamWords({ ...createWords(), time: (at) => `12:0${at}` });

test.each<readonly [UpstreamHealth, number, string, string]>([
  [{ state: 'closed', waitMs: 0 }, 0, 'Delivering', 'Messages go out as they come.'],
  [
    { state: 'closed', answeredAt: 2, waitMs: 0 },
    3,
    'Delivering',
    'Messages go out as they come. SendX last answered at 12:02.',
  ],
  [
    {
      state: 'closed',
      trouble: { failure: 'unavailable', status: 503, since: 1 },
      waitMs: 4_000,
    },
    1,
    'Some deliveries fail',
    'SendX answers with an error (503) since 12:01. One message waits; nothing is lost. SendX is asked again in 4 s.',
  ],
  [
    {
      state: 'open',
      reason: 'unauthorized',
      trouble: { failure: 'unauthorized', status: 401, since: 1 },
      waitMs: 200,
    },
    1_234,
    'Holding back',
    'SendX refuses the API key or the team id (401) since 12:01. Check SENDX_API_KEY and SENDX_TEAM_ID. 1,234 messages wait; nothing is lost. SendX is asked again in 1 s.',
  ],
  [
    { state: 'open', reason: 'unauthorized', trouble: { failure: 'timeout', since: 1 }, waitMs: 0 },
    0,
    'Holding back',
    'SendX refuses the API key or the team id since 12:01. Check SENDX_API_KEY and SENDX_TEAM_ID.',
  ],
  [
    {
      state: 'half-open',
      reason: 'network',
      trouble: { failure: 'unavailable', status: 503, since: 1 },
      waitMs: 0,
    },
    0,
    'Trying SendX again',
    'SendX cannot be reached since 12:01.',
  ],
  [
    {
      state: 'open',
      reason: 'outage',
      trouble: { failure: 'unavailable', status: 503, since: 1 },
      waitMs: 0,
    },
    0,
    'Holding back',
    'SendX answers with an error (503) since 12:01.',
  ],
  [
    { state: 'half-open', reason: 'network', waitMs: 0 },
    0,
    'Trying SendX again',
    'SendX cannot be reached.',
  ],
  [{ state: 'open', waitMs: 0 }, 0, 'Holding back', 'SendX is down.'],
])('%o with %i waiting', (health, waiting, title, text) => {
  expect(say(health, waiting)).toMatchObject({ title, text });
});

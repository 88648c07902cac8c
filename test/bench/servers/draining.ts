import { expect } from 'vitest';
import { envelope, SITE } from '../../proxy/fixture.ts';
import { drained, type Victim } from '../../proxy/outbox/ordeal.ts';
import { track } from '../../proxy/outbox/scripted.ts';
import { DRAINED, RECIPIENTS } from './sizes.ts';

/** Messages of a request: as many as the snippet sends at most. */
const BATCH = 50;

let sent = 0;

/** Messages a second from the first request to the proxy until SendX has them all. */
export async function drainOnce(proxy: Victim): Promise<number> {
  const from = performance.now();
  for (const last = sent + DRAINED; sent < last; ) {
    const messages = Array.from({ length: BATCH }, () => {
      sent += 1;
      const id = `mhx3k2a1-${sent.toString(36).padStart(8, '0')}-0`;
      return track(id, `jane${sent % RECIPIENTS}@example.com`);
    });
    const response = await fetch(`${proxy.url}/v1/messages`, {
      method: 'POST',
      headers: { Origin: SITE, 'Content-Type': 'text/plain' },
      body: JSON.stringify(envelope(messages)),
    });
    expect(response.status).toBe(202);
  }
  await drained(proxy);
  return DRAINED / ((performance.now() - from) / 1_000);
}

import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import type { Receipt } from '../../src/protocol.ts';
import { openOutbox } from '../../src/proxy/openOutbox.ts';
import { unlimited } from '../../src/proxy/rate.ts';
import { type RunningProxy, serve } from '../../src/proxy/serve.ts';
import {
  ASSETS,
  capturedLog,
  envelope,
  identify,
  SITE,
  settingsOf,
  temporaryFolder,
  track,
} from './fixture.ts';

async function startProxy(env: Record<string, string> = {}): Promise<RunningProxy> {
  const settings = settingsOf({
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    OUTBOX: `sqlite:${join(temporaryFolder(), 'outbox.sqlite')}`,
    ...env,
  });
  const proxy = await serve({
    settings,
    outbox: await openOutbox(settings.outbox),
    rates: { ip: unlimited, contact: unlimited },
    assets: ASSETS,
    log: capturedLog().log,
    processMetrics: false,
  });
  onTestFinished(() => proxy.close());
  return proxy;
}

function post(port: number, body: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: 'POST',
    headers: { Origin: SITE, 'Content-Type': 'text/plain' },
    body: JSON.stringify(body),
  });
}

describe('the journey of a call', () => {
  test('takes an identify and a track to SendX, in order', async () => {
    const { url, emulator, close } = await startEmulator();
    onTestFinished(close);
    const { port } = await startProxy({ SENDX_API_URL: url, SENDX_TEAM_ID: 'emulator-team' });

    const first = identify({ traits: { firstName: 'Jane', tags: ['viewed-pricing'] } });
    const response = await post(port, envelope([first, track()]));

    expect(response.status).toBe(202);
    const { results } = (await response.json()) as Receipt;
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    await vi.waitFor(() =>
      expect(emulator.contact('jane@example.com')).toMatchObject({
        firstName: 'Jane',
        tags: ['viewed-pricing', 'newsletter'],
      }),
    );
  });
});

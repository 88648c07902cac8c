import { expect, onTestFinished, test, vi } from 'vitest';
import { unlimited } from '../../src/proxy/policy/rate.ts';
import { serve } from '../../src/proxy/serve.ts';
import { ASSETS, capturedLog, openTestOutbox, settingsOf } from './fixture.ts';

test('is not ready once the delivery has stopped for good, and says so', async () => {
  const outbox = await openTestOutbox();
  let fail = (_: Error) => {};
  const run = () =>
    new Promise<void>((_, reject) => {
      fail = reject;
    });
  const { log, lines } = capturedLog();
  const proxy = await serve({
    settings: settingsOf({ HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0' }),
    outbox: { ...outbox, run },
    rates: { ip: unlimited, contact: unlimited, close: () => Promise.resolve() },
    assets: ASSETS,
    log,
    processMetrics: false,
  });
  onTestFinished(() => proxy.close());
  const readiness = async () => {
    const response = await fetch(`http://127.0.0.1:${proxy.adminPort}/readyz`);
    return { status: response.status, reason: await response.text() };
  };
  expect(await readiness()).toEqual({ status: 200, reason: 'ok' });

  fail(new RangeError('disk'));

  await vi.waitFor(async () =>
    expect(await readiness()).toEqual({
      status: 503,
      reason: 'the delivery to SendX has stopped; start the proxy anew',
    }),
  );
  expect(lines.join('')).toContain('"error":"RangeError","msg":"The delivery stopped"');
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { waitUntilReady } from '../../demo/ready.ts';

it('asks until the answer is good', async () => {
  const statuses = [503, 500, 200];
  let asked = 0;
  const server = createServer((_, answer) => {
    asked += 1;
    answer.statusCode = statuses.shift() ?? 500;
    answer.end();
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await waitUntilReady(`http://127.0.0.1:${port}/`, new AbortController().signal);
  expect(asked).toBe(3);
});

it('gives up when told to, with the reason', async () => {
  const stop = new AbortController();
  const server = createServer((_, answer) => {
    answer.statusCode = 503;
    answer.end();
    stop.abort(new Error('enough'));
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(waitUntilReady(`http://127.0.0.1:${port}/`, stop.signal)).rejects.toThrow('enough');
});

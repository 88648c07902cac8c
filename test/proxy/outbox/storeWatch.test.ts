import { expect, test } from 'vitest';
import { OutboxFull } from '../../../src/proxy/outbox/outbox.ts';
import { watchStore } from '../../../src/proxy/outbox/storeWatch.ts';
import { recordingOutbox, track } from '../fixture.ts';

test('a store that failed is unfit until it takes a message, or for ten seconds', async () => {
  const outbox = recordingOutbox();
  let isFull = false;
  let now = 0;
  const append: typeof outbox.append = (messages) =>
    isFull ? Promise.reject(new OutboxFull('full')) : outbox.append(messages);
  const store = watchStore({ append }, () => now);
  expect(store.fault()).toBeUndefined();

  isFull = true;
  await expect(store.append([track()])).rejects.toThrow(OutboxFull);
  expect(store.fault()).toBe('the store takes no messages');
  now = 9_999;
  expect(store.fault()).toBe('the store takes no messages');
  now = 10_000;
  expect(store.fault()).toBeUndefined();

  await expect(store.append([track()])).rejects.toThrow(OutboxFull);
  isFull = false;
  expect(await store.append([track()])).toEqual(['stored']);
  expect(store.fault()).toBeUndefined();
});

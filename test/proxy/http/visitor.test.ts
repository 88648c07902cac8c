import { expect, test } from 'vitest';
import { createVisitorAddress } from '../../../src/proxy/http/visitor.ts';

const forwarded = () =>
  new Request('https://t.example.com/', { headers: { 'X-Forwarded-For': '203.0.113.7' } });
const socket = { incoming: { socket: { remoteAddress: '192.0.2.1' } } };

function setUp(hops: number, peerOf?: () => string) {
  let told = 0;
  const addressOf = createVisitorAddress({
    hops,
    peerOf,
    onIgnored: () => {
      told += 1;
    },
  });
  return { addressOf, told: () => told };
}

test('is the socket’s other end, and tells once of a header that is ignored', () => {
  const { addressOf, told } = setUp(0);
  expect(addressOf(new Request('https://t.example.com/'), socket)).toBe('192.0.2.1');
  expect(told()).toBe(0);
  for (let turn = 0; turn < 3; turn += 1) expect(addressOf(forwarded(), socket)).toBe('192.0.2.1');
  expect(told()).toBe(1);
});

test('is the header’s entry behind proxies, of which nothing is told', () => {
  const { addressOf, told } = setUp(1);
  expect(addressOf(forwarded(), socket)).toBe('203.0.113.7');
  expect(told()).toBe(0);
});

test('comes from elsewhere where there is no socket, and the header is nobody’s fault', () => {
  const { addressOf, told } = setUp(0, () => '198.51.100.1');
  expect(addressOf(forwarded(), undefined)).toBe('198.51.100.1');
  expect(told()).toBe(0);
});

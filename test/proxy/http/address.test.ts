import { describe, expect, test } from 'vitest';
import { addressBlock, clientAddress, truncatedAddress } from '../../../src/proxy/http/address.ts';

const PEER = '198.51.100.9';

describe('clientAddress', () => {
  test.each([
    ['ignores the header without trusted hops', '1.1.1.1', 0, PEER],
    ['takes the last entry behind one proxy', '6.6.6.6, 1.1.1.1', 1, '1.1.1.1'],
    ['takes the one before behind two', '6.6.6.6, 1.1.1.1, 10.0.0.1', 2, '1.1.1.1'],
    ['keeps the peer when the list is too short', '1.1.1.1', 2, PEER],
    ['keeps the peer without a header', undefined, 1, PEER],
    ['keeps the peer for garbage', '1.1.1.1, <script>', 1, PEER],
    ['keeps the peer for an empty entry', '1.1.1.1,', 1, PEER],
    ['keeps the peer for numbers too high', '1.1.1.256', 1, PEER],
    ['drops a port', '1.1.1.1:5678', 1, '1.1.1.1'],
    ['drops brackets', '[2001:db8::1]', 1, '2001:db8::1'],
    ['drops brackets and port', '[2001:db8::1]:443', 1, '2001:db8::1'],
    ['reads bare IPv6', '2001:db8::1', 1, '2001:db8::1'],
    ['keeps the peer for "unknown"', 'unknown', 1, PEER],
  ])('%s', (_, forwardedFor, hops, expected) => {
    expect(clientAddress({ peer: PEER, forwardedFor, hops })).toBe(expected);
  });
});

describe('addressBlock', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:db8:1:2::99', '2001:db8:1:2::'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::'],
    ['2001:db8::1', '2001:db8:0:0::'],
    ['::1', '0:0:0:0::'],
    ['fe80::1%eth0', 'fe80:0:0:0::'],
    ['unknown', 'unknown'],
    ['1:2:3', 'unknown'],
    ['1::2::3', 'unknown'],
    ['1:2:3:4:5:6:7:8:9', 'unknown'],
    ['12345::', 'unknown'],
  ])('%s counts as %s', (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });
});

test('a truncated address names a network and no subscriber', () => {
  expect(truncatedAddress('203.0.113.7')).toBe('203.0.113.0');
  expect(truncatedAddress('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1::');
});

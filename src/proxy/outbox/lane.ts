import { createHmac, randomBytes } from 'node:crypto';

// 64 bits: two of a million contacts collide with odds of 1 in 37 million, and then only share a lane.
const LANE_HEX_DIGITS = 16;

/** A fresh key for {@link createLaneHash}: 256 bits in hex. One per store, kept inside it. */
export function newLaneKey(): string {
  return randomBytes(32).toString('hex');
}

/**
 * Names the lane of an e-mail: truncated HMAC-SHA256 of the lower-cased address, in hex. The key
 * makes it safe to log: without it nobody can test whether an address they know is in the store.
 */
export function createLaneHash(key: string): (email: string) => string {
  return (email) =>
    createHmac('sha256', key).update(email.toLowerCase()).digest('hex').slice(0, LANE_HEX_DIGITS);
}

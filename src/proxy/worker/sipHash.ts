const MASK = 0xffff_ffff_ffff_ffffn;

const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & MASK;

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of 64 bits whose output tells nothing of
 * its input without the key. The Web has no other keyed hash that answers at once.
 */
export function sipHash(key: readonly [bigint, bigint], bytes: Uint8Array): bigint {
  let v0 = key[0] ^ 0x736f_6d65_7073_6575n;
  let v1 = key[1] ^ 0x646f_7261_6e64_6f6dn;
  let v2 = key[0] ^ 0x6c79_6765_6e65_7261n;
  let v3 = key[1] ^ 0x7465_6462_7974_6573n;

  const round = () => {
    v0 = (v0 + v1) & MASK;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & MASK;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & MASK;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & MASK;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };

  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / 8) * 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 8) {
    const word = words.getBigUint64(at, true);
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let rounds = 0; rounds < 4; rounds += 1) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

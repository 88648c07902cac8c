import type { Secret } from '../settings/secret.ts';

/** What a signature is worth. */
export type SignatureState = 'none' | 'right' | 'wrong';

/** Makes and verifies signatures: HMAC-SHA256(secret, lower-cased e-mail) in hex. */
export interface Signatures {
  /** `wrong` too when there is no secret to verify it by: a signature is never ignored. */
  check(email: string, signature: string | undefined): Promise<SignatureState>;
  /** @throws {Error} when there is no secret. */
  sign(email: string): Promise<string>;
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' };
const encoder = new TextEncoder();

/** {@link Signatures} by `secrets`: the first signs, any verifies, so that a secret can be rotated. */
export function createSignatures(secrets: readonly Secret[]): Signatures {
  // Keys and not a promise of them: Workers forbid to await what another request began.
  let keys: readonly CryptoKey[] | undefined;
  const importKeys = async () => {
    keys ??= await Promise.all(
      secrets.map((secret) =>
        crypto.subtle.importKey('raw', encoder.encode(secret.reveal()), HMAC, false, [
          'sign',
          'verify',
        ]),
      ),
    );
    return keys;
  };
  return {
    async check(email, signature) {
      if (signature === undefined) return 'none';
      const bytes = fromHex(signature);
      if (bytes === undefined) return 'wrong';
      const data = encoder.encode(email);
      // Every key is tried and each in constant time, so that the answer's time tells nothing.
      const matches = await Promise.all(
        (await importKeys()).map((key) => crypto.subtle.verify('HMAC', key, bytes, data)),
      );
      return matches.includes(true) ? 'right' : 'wrong';
    },
    async sign(email) {
      const [key] = await importKeys();
      if (!key) throw new Error('No secret to sign with: IDENTITY_SECRETS is not set.');
      return toHex(await crypto.subtle.sign('HMAC', key, encoder.encode(email)));
    },
  };
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return undefined;
  return Uint8Array.from({ length: 32 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}

function toHex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

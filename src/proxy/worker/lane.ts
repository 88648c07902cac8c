import { sipHash } from './sipHash.ts';

const encoder = new TextEncoder();

/**
 * Names the lane of an e-mail, as `createLaneHash` does on Node: 16 hex digits, safe to log. The key
 * is made of the API key, so that every isolate gives a contact the same name.
 */
export async function createEdgeLaneHash(apiKey: string): Promise<(email: string) => string> {
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(`lane of ${apiKey}`));
  const words = new DataView(digest);
  const key = [words.getBigUint64(0), words.getBigUint64(8)] as const;
  return (email) =>
    sipHash(key, encoder.encode(email.toLowerCase())).toString(16).padStart(16, '0');
}

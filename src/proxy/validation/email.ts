/** SendX's own bound (its REST schema), in UTF-16 units. */
const MAX_EMAIL_LENGTH = 255;

// RFC 5321 without quoted local parts and address literals; letters of any script (RFC 6531).
const LOCAL = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]{1,64}$/u;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/**
 * `text` trimmed and lower-cased if it is an e-mail address, else `undefined`. Each pattern runs
 * on a bounded piece and has one way to match, so that no input makes it slow.
 */
export function parseEmail(text: string): string | undefined {
  if (text.length > MAX_EMAIL_LENGTH + 32) return undefined;
  const email = text.trim().toLowerCase();
  if (email.length > MAX_EMAIL_LENGTH) return undefined;
  const at = email.lastIndexOf('@');
  const local = email.slice(0, Math.max(at, 0));
  const labels = email.slice(at + 1).split('.');
  if (!LOCAL.test(local) || local.startsWith('.') || local.endsWith('.')) return undefined;
  if (local.includes('..') || labels.length < 2) return undefined;
  return labels.every((label) => LABEL.test(label)) ? email : undefined;
}

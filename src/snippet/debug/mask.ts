/** Shows that there is a value, and hides which: `J…`. */
export const maskText = (text: string): string => (text.length > 1 ? `${text[0]}…` : text && '…');

/** `jane@example.com` as `j…e@example.com`: enough to know one's own address, no more. */
export function maskEmail(email: string): string {
  const [name = '', domain] = email.trim().toLowerCase().split('@');
  if (domain === undefined) return maskText(email);
  return `${name.length > 2 ? `${name[0]}…${name.slice(-1)}` : maskText(name)}@${domain}`;
}

/** A value in a sentence: what it is, and of a text no more than its mask. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string')
    return value
      ? `the text "${value.includes('@') ? maskEmail(value) : maskText(value)}"`
      : 'an empty text';
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list';
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return 'an object';
  return typeof value === 'function'
    ? 'a function'
    : `the ${typeof value} ${maskText(String(value))}`;
}

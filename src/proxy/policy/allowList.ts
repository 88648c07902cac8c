import { cleanName } from '../validation/cleanName.ts';

/**
 * Names (of tags or custom fields) that an operator listed. A pattern is a name, a beginning
 * followed by `*`, or `*` alone.
 */
export interface AllowList {
  /**
   * The name to deliver if `name` is on the list, else `undefined`. Under a full name that is the
   * operator's own spelling, so that a visitor cannot fill the account with look-alikes.
   */
  find(name: string): string | undefined;
}

/** Two names that fold alike are one name. Upper before lower folds ſ, ß and final ς too. */
const fold = (name: string): string => cleanName(cleanName(name).toUpperCase().toLowerCase());

/** The pattern's fault in words, or `undefined` when it is well formed. */
export function patternFault(pattern: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star !== -1 && star !== pattern.length - 1) return `"${pattern}" has a * that is not its end`;
  return cleanName(pattern) === '' ? `"${pattern}" is empty` : undefined;
}

/** An {@link AllowList} of well-formed `patterns`; none at all lists nothing. */
export function createAllowList(patterns: readonly string[]): AllowList {
  const names = new Map<string, string>();
  const beginnings: string[] = [];
  for (const pattern of patterns) {
    if (pattern.endsWith('*')) beginnings.push(foldBeginning(pattern.slice(0, -1)));
    else names.set(fold(pattern), cleanName(pattern));
  }
  return {
    find(name) {
      const folded = fold(name);
      const exact = names.get(folded);
      if (exact !== undefined) return exact;
      if (folded === '') return undefined;
      return beginnings.some((beginning) => folded.startsWith(beginning))
        ? cleanName(name)
        : undefined;
    },
  };
}

/** Keeps the space before the star: `plan *` is not `plan*`. */
function foldBeginning(beginning: string): string {
  return beginning.endsWith(' ') ? `${fold(beginning)} ` : fold(beginning);
}

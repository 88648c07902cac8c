/** A member of an interface or a union, with the text of its TSDoc. */
export interface Member {
  readonly name: string;
  readonly doc: string;
}

const textOf = (comment: string) =>
  comment
    .replaceAll(/^\s*\*/gm, '')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replace(
      /@defaultValue (.+)/,
      (_, value: string) => `Default: ${value.trim().replace(/\.?$/, '.')}`,
    )
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The source of a declaration, up to the line that closes it. */
function bodyOf(source: string, name: string): string {
  const found = new RegExp(
    `^export (?:interface|type) ${name}\\b[\\s\\S]*?^(?:\\}|.*;$(?!\\n {2,}\\S))`,
    'm',
  ).exec(source);
  if (!found) throw new Error(`${name} is not declared`);
  return found[0];
}

/**
 * Members of an interface, or of the objects of a type, that carry TSDoc of their own, in their
 * order.
 */
export const membersOf = (source: string, name: string): readonly Member[] =>
  [...bodyOf(source, name).matchAll(/^ +\/\*\*([\s\S]*?)\*\/\s+(?:readonly )?(\w+)\??:/gm)].map(
    ([, comment = '', member = '']) => ({ name: member, doc: textOf(comment) }),
  );

/** Texts of a union, with their TSDoc; empty where one has none. */
export const textsOf = (source: string, name: string): readonly Member[] =>
  [...bodyOf(source, name).matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+)?\| '(\w+)'/g)].map(
    ([, comment = '', text = '']) => ({ name: text, doc: textOf(comment) }),
  );

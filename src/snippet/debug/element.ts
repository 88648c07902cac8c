/** Attributes of an element; `undefined` leaves one out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/**
 * Makes an element. Texts become text nodes: nothing of the page is ever parsed as HTML.
 *
 * @param children - Elements and texts; `false` and `undefined` are left out.
 */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string | false | undefined)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) made.setAttribute(key, value);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** The five characters that could end a text or an attribute value, as entities. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const PLACEHOLDER = /\{\{\{([\w-]+)\}\}\}|\{\{([\w-]+)\}\}/g;

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/**
 * Fills the placeholders of a template in one pass, so that a value which itself looks like a
 * placeholder is left alone.
 *
 * @param template - `{{name}}` is replaced by the escaped value, fit for a text or a quoted
 * attribute; `{{{name}}}` by the value as it is, for HTML and scripts.
 * @param replacements - The values by name.
 * @returns The filled template.
 * @throws Error naming the placeholder that has no value.
 */
export function fillTemplate(
  template: string,
  replacements: Readonly<Record<string, string>>,
): string {
  return template.replace(PLACEHOLDER, (placeholder, raw?: string, escaped?: string) => {
    const name = raw ?? escaped ?? '';
    const value = Object.hasOwn(replacements, name) ? replacements[name] : undefined;
    if (value === undefined) {
      const known = Object.keys(replacements).sort().join(', ');
      throw new Error(`The placeholder ${placeholder} has no value; the known names are: ${known}`);
    }
    return raw === undefined ? escapeHtml(value) : value;
  });
}

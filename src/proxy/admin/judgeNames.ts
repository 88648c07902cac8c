import { createAllowList } from '../policy/allowList.ts';
import type { InstallFacts } from './installFacts.ts';
import type { Finding } from './judgeTag.ts';
import { findTags } from './pageScripts.ts';

/** What the names on a page are compared with. */
export type NameFacts = Pick<InstallFacts, 'allowedTags' | 'protectedTags' | 'allowedFields'>;

/** Attributes of forms, their controls and links that name tags. */
const NAMING = ['tags', 'add-tags', 'remove-tags', 'tag-when-checked'];

const CUSTOM = 'customFields.';

/**
 * Judges the tags and custom fields that a page's attributes name: the proxy refuses a call whole
 * for one that is not on its lists. What scripts say is not read.
 *
 * @returns none where the page names none.
 */
export function judgeNames(html: string, facts: NameFacts): readonly Finding[] {
  const about = 'names';
  const { tags, fields } = namesIn(html);
  const allowedTags = createAllowList(facts.allowedTags);
  const protectedTags = createAllowList(facts.protectedTags);
  const allowedFields = createAllowList(facts.allowedFields);
  const findings: Finding[] = [];
  for (const tag of tags) {
    const text = `The tag “${tag}” is in PROTECTED_TAGS: it takes a signature.`;
    if (protectedTags.find(tag) !== undefined) findings.push({ about, state: 'doubtful', text });
    else if (allowedTags.find(tag) === undefined)
      findings.push(refused(`The tag “${tag}” is not in ALLOWED_TAGS`));
  }
  for (const field of fields)
    if (allowedFields.find(field) === undefined)
      findings.push(refused(`The custom field “${field}” is not in ALLOWED_FIELDS`));
  if (findings.length > 0 || tags.size + fields.size === 0) return findings;
  const text = 'All tags and fields that its forms and links name are allowed.';
  return [{ about, state: 'good', text }];
}

const refused = (fault: string): Finding => ({
  about: 'names',
  state: 'wrong',
  text: `${fault}: a form or link that names it is refused whole.`,
});

function namesIn(html: string) {
  const tags = new Set<string>();
  const fields = new Set<string>();
  for (const attributes of findTags(html)) {
    const listed = NAMING.map((name) => attributes.get(`data-sendx-${name}`) ?? '').join();
    for (const tag of listed.split(',')) if (tag.trim() !== '') tags.add(tag.trim());
    const field = attributes.get('data-sendx-field') ?? '';
    if (field.startsWith(CUSTOM)) fields.add(field.slice(CUSTOM.length));
  }
  return { tags, fields };
}

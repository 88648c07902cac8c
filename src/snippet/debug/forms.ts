import type { FormPayload } from '../triggers.ts';
import type { Verdict } from './explain.ts';
import { maskEmail, maskText } from './mask.ts';

type Control = HTMLInputElement;

/** How the snippet reads forms. */
export interface FormReader {
  readonly readForm: (form: HTMLFormElement) => FormPayload | undefined;
  readonly isRead: (control: Control) => boolean;
  readonly fieldOf: (control: Control) => readonly [doubt: number, field: string] | undefined;
}

/** A form of the page, and what it would send now. */
export interface FormReport {
  /** What it can be found by. */
  readonly title: string;
  readonly verdict: Verdict;
  /** Field, the control it comes from, and its masked value. */
  readonly fields: readonly (readonly [field: string, control: string, value: string])[];
}

/** @returns Of a label around a select not the options, which are part of its text. */
const nameOf = ({ labels, name, id, placeholder, type, textContent }: Control): string =>
  labels?.[0]?.textContent
    ?.replace(textContent || '', '')
    .trim()
    .replace(/\s+/g, ' ') ||
  placeholder ||
  name ||
  id ||
  type ||
  '?';

const titleOf = (form: HTMLFormElement, index: number): string =>
  form.getAttribute('aria-label') ||
  (form.getAttribute('id') && `#${form.getAttribute('id')}`) ||
  form.getAttribute('name') ||
  `Form ${index + 1}`;

/** All forms, those in open shadow roots too. */
function findForms(root: Document | ShadowRoot): readonly HTMLFormElement[] {
  const inner = Array.from(root.querySelectorAll('*')).flatMap(({ shadowRoot }) =>
    shadowRoot ? findForms(shadowRoot) : [],
  );
  return [...root.querySelectorAll('form'), ...inner];
}

/** Why a form would send nothing. */
function findObstacle(form: HTMLFormElement, controls: readonly Control[]): string | undefined {
  const { sendxIf } = form.dataset;
  const root = form.getRootNode() as ParentNode;
  if (
    controls.some(
      ({ dataset, value, type, checked }) =>
        'sendxTrap' in dataset && value && (checked || !/^(radio|checkbox)$/.test(type)),
    )
  )
    return 'Sends nothing: its trap, which no person sees, was filled.';
  const switches = sendxIf ? Array.from(root.querySelectorAll(sendxIf)) : [];
  if (sendxIf && !switches.some((one) => one.matches(':checked')))
    return switches[0]
      ? `Sends nothing until ${sendxIf} is ticked.`
      : `Sends nothing: data-sendx-if names ${sendxIf}, which is not on the page.`;
  const invalid = controls.find((control) => control.matches(':invalid:not(fieldset)'));
  return (
    invalid &&
    `Sends nothing yet: “${nameOf(invalid)}” is ${invalid.value ? 'invalid' : 'empty or invalid'}.`
  );
}

function report(form: HTMLFormElement, index: number, reader: FormReader): FormReport {
  const controls = Array.from(form.elements) as Control[];
  const payload = reader.readForm(form);
  const mapped = controls.filter(reader.isRead).flatMap((control) => {
    const [doubt, field] = reader.fieldOf(control) ?? [];
    return field ? [{ doubt, field, control }] : [];
  });
  const custom = (payload?.customFields ?? {}) as Readonly<Record<string, string>>;
  const maskedValue = (field: string) => {
    const value = `${payload?.[field] ?? custom[field.replace('customFields.', '')] ?? ''}`;
    return field === 'tags' ? value : value.includes('@') ? maskEmail(value) : maskText(value);
  };
  const names = [...new Set(mapped.map(({ field }) => field))];
  const fields = names.map((field) => {
    const named = mapped.filter((one) => one.field === field);
    const surest = Math.min(...named.map(({ doubt = 0 }) => doubt));
    const from = named.flatMap(({ doubt, control }) => (doubt === surest ? nameOf(control) : []));
    return [field, from.join(' / '), payload ? maskedValue(field) || '(empty)' : ''] as const;
  });
  const tags = (payload?.tags ?? form.dataset.sendxTags ?? '')
    .split(',')
    .filter((tag) => tag.trim());
  return {
    title: titleOf(form, index),
    verdict: judge(form, controls, names),
    fields:
      tags.length && !names.includes('tags')
        ? [...fields, ['tags', 'data-sendx-tags', tags.map((tag) => tag.trim()).join(', ')]]
        : fields,
  };
}

function judge(
  form: HTMLFormElement,
  controls: readonly Control[],
  names: readonly string[],
): Verdict {
  if (!form.dataset.sendx)
    return { tone: 'plain', text: 'Sends nothing: add data-sendx="identify" to it if it should.' };
  if (!names.includes('email'))
    return { tone: 'bad', text: 'No e-mail field was found: add data-sendx-field="email" to it.' };
  const obstacle = findObstacle(form, controls);
  return obstacle
    ? { tone: 'busy', text: obstacle }
    : { tone: 'good', text: 'When it is submitted it says this:' };
}

/** What each form on the page would send, those that are ours first. */
export function reportForms(document: Document, reader: FormReader): readonly FormReport[] {
  const forms = findForms(document).map((form, index) => report(form, index, reader));
  const isOurs = ({ verdict }: FormReport) => Number(verdict.tone === 'plain');
  return forms.sort((one, other) => isOurs(one) - isOurs(other));
}

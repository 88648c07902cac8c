import { attempt } from './attempt.ts';

/**
 * Contact fields, and how autocomplete tokens, types, names and ids of their controls end: a
 * section, `user[…]` or `input…` may stand before.
 */
const FIELDS: readonly (readonly [field: string, pattern: RegExp])[] = [
  ['email', /mail(.?address)?[\W\d]*$/i],
  ['firstName', /(given|first|\bf).?name[\W\d]*$/i],
  // Not a fullname.
  ['lastName', /(family|last|sur|\bl).?name[\W\d]*$/i],
  ['company', /(company|organi.ation)(.?name)?[\W\d]*$/i],
  ['birthday', /(dob|bday|birth.{0,5})$/i],
];

/** Type, whether ticked, and autocomplete tokens of what is never read, mapped or not. */
const NEVER = /^(file|(radio|checkbox)false)|password|cc-|one-time/i;

/** What tells a control's field, the surest first. */
const WITNESSES = ['autocomplete', 'type', 'name', 'id'] as const;

type Control = HTMLInputElement & { readonly selectedOptions?: Iterable<HTMLOptionElement> };

/** Whether a control's value may be read at all, and is the visitor's choice at present. */
export const isRead = (control: Control): boolean =>
  !control.matches(':disabled') &&
  !NEVER.test(control.type + control.checked + control.autocomplete);

/** What a form says of its visitor, as an identify's payload. */
export interface FormPayload {
  readonly tags: string;
  readonly [field: string]: unknown;
}

/**
 * The contact field of a control, and how sure that is: the lower, the surer. Only
 * `data-sendx-field` makes one of what is hidden, ticked or no text.
 */
export function fieldOf(control: Control): readonly [doubt: number, field: string] | undefined {
  const { sendxField } = control.dataset;
  let doubt = 0;
  if (sendxField) return [doubt, sendxField];
  if (/^(te|date|email|select)/.test(control.type))
    for (const witness of WITNESSES) {
      doubt++;
      for (const [field, pattern] of FIELDS)
        if (pattern.test(control[witness])) return [doubt, field];
    }
  return undefined;
}

/**
 * Reads a form's mapped controls, and nothing else: never a password, file, card or one-time code,
 * never a disabled control, a hidden one only where `data-sendx-field` names it.
 *
 * @returns `undefined` where the form may not be sent: it is invalid, its `data-sendx-if` is not
 *   ticked, or its `data-sendx-trap`, which no person sees, was filled.
 */
export function readForm(form: HTMLFormElement): FormPayload | undefined {
  const { sendxIf, sendxTags } = form.dataset;
  const root = form.getRootNode() as ParentNode;
  const isTicked = () =>
    Array.from(root.querySelectorAll(sendxIf as string)).some((one) => one.matches(':checked'));
  if (form.matches(':invalid') || (sendxIf && !isTicked())) return;
  const tags = [sendxTags];
  const customFields: Record<string, string> = {};
  const payload: Record<string, unknown> = { customFields };
  const doubts: Record<string, number> = {};
  for (const control of form.elements as Iterable<Control>) {
    const { dataset } = control;
    if (!isRead(control)) continue;
    const value = Array.from<HTMLOptionElement | HTMLInputElement>(
      control.selectedOptions || [control],
    )
      .filter((one) => one.matches(':enabled'))
      .map((one) => one.value)
      .join();
    if (value && 'sendxTrap' in dataset) return;
    tags.push(dataset.sendxTagWhenChecked);
    const [doubt, field] = fieldOf(control) || [];
    // Any other birthday would have the proxy refuse the whole message.
    if (!field || !value.trim() || /^birthday(?!\d{4}-\d\d-\d\d$)/.test(field + value)) continue;
    const custom = field.split('customFields.')[1];
    if (custom) customFields[custom] = [customFields[custom], value].filter(Boolean).join();
    else if (field === 'tags') tags.push(value);
    else if (!((doubts[field] as number) <= (doubt as number))) {
      doubts[field] = doubt as number;
      payload[field] = value;
    }
  }
  payload.tags = `${tags}`;
  return payload as FormPayload;
}

/**
 * Listens for submits and clicks that carry `data-sendx` attributes. Never prevents, delays,
 * re-submits or alters anything; `form.submit()` makes no event, so it is not seen.
 *
 * @param call - Makes an identify or a track of a payload.
 */
export function watchTriggers(
  window: Window,
  call: (name: 'identify' | 'track', payload: object) => void,
): void {
  let last: Event;
  const listen = (event: Event) =>
    attempt(() => {
      const { type, submitter, button } = event as SubmitEvent & MouseEvent;
      const path = event.composedPath() as (HTMLElement & { mode?: unknown })[];
      for (const element of path) {
        const { sendxAddTags: addTags, sendxRemoveTags: removeTags } = element.dataset || {};
        // A submit does not leave its shadow root; the click or key before it does. Of all that is
        // in a path only shadow roots have a mode.
        if (element.mode) element.addEventListener('submit', listen, true);
        // The right button's auxclick opens a menu; a key has no button.
        if (button < 2 && (addTags || removeTags)) call('track', { addTags, removeTags });
      }
      const form = path[0] as HTMLElement as HTMLFormElement;
      // A form slotted into a shadow root comes by twice.
      if (type !== 'submit' || event === last || !form.dataset.sendx) return;
      last = event;
      // Such a button cancels, or keeps a draft.
      const payload = !submitter?.matches('[formnovalidate],[formmethod=dialog]') && readForm(form);
      if (payload) call('identify', payload);
    });
  // The middle button opens a new tab by auxclick.
  for (const type of ['submit', 'click', 'auxclick', 'keydown'])
    window.addEventListener(type, listen, true);
}

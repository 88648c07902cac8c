import { attempt } from './attempt.ts';

/** Contact fields, and what autocomplete tokens, names and ids of their controls look like. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  email: /^e-?mail(.?address)?$/i,
  firstName: /^(given-name|f(irst.?)?name)$/i,
  lastName: /^(family-name|l(ast.?)?name|surname)$/i,
  company: /^(organi[sz]ation|company(.?name)?)$/i,
  birthday: /^(bday|birth(day|.?date)|dob)$/i,
};

const NEVER =
  ':disabled,[type=password],[type=file],[autocomplete*=cc- i],[autocomplete*=one-time i]';

type Control = HTMLInputElement | HTMLSelectElement;

const fieldOf = (word: string | undefined): string | undefined =>
  Object.keys(FIELDS).find((field) => FIELDS[field]?.test(word as string));

/** Who says what a control is, the surest first. */
const WITNESSES: readonly ((control: Control) => string | undefined)[] = [
  ({ dataset }) => dataset['sendxField'],
  // A section and "shipping" or "billing" may stand before the token.
  ({ autocomplete }) => fieldOf(autocomplete.split(' ').pop()),
  ({ type }) => (type === 'email' ? type : undefined),
  // Rails and PHP name controls user[email].
  ({ name, id }) =>
    fieldOf(
      (name || id)
        .split(/[[\]]+/)
        .filter(Boolean)
        .pop(),
    ),
];

/** What a form says of its visitor, as an identify's payload. */
export interface FormPayload {
  readonly tags: string[];
  readonly [field: string]: unknown;
}

/**
 * Reads a form's mapped controls, and nothing else: never a password, file, card or one-time code,
 * never a disabled control, a hidden one only where `data-sendx-field` names it.
 *
 * @returns `undefined` where the form may not be sent: it is invalid, its `data-sendx-if` is not
 *   ticked, or its `data-sendx-trap`, which no person sees, was filled.
 */
export function readForm(form: HTMLFormElement): FormPayload | undefined {
  const { sendxIf, sendxTags = '' } = form.dataset;
  const root = form.getRootNode() as ParentNode;
  if (form.matches(':invalid') || (sendxIf && !root.querySelector(`${sendxIf}:checked`))) return;
  const tags = sendxTags.split(',');
  const customFields: Record<string, string> = {};
  const payload: Record<string, unknown> & FormPayload = { tags, customFields };
  const controls = (Array.from(form.elements) as Control[]).filter(
    (control) =>
      control.matches('input,select,textarea') &&
      !control.matches(NEVER) &&
      (!/^(radio|checkbox)$/.test(control.type) || (control as HTMLInputElement).checked),
  );
  for (const { dataset, value } of controls) {
    if (value && 'sendxTrap' in dataset) return;
    tags.push(dataset['sendxTagWhenChecked'] || '');
  }
  for (const witness of WITNESSES)
    for (const control of controls) {
      const field = witness(control);
      if (!field || (control.type === 'hidden' && !control.dataset['sendxField'])) continue;
      const value = Array.from(
        (control as HTMLSelectElement).selectedOptions || [control],
        (one) => one.value,
      ).join();
      const [name = '', custom] = field.split('customFields.');
      if (custom) customFields[custom] ||= value;
      else if (name === 'tags') tags.push(...value.split(','));
      else payload[name] ||= value;
    }
  return payload;
}

/**
 * Listens for submits and clicks that carry `data-sendx` attributes. Never prevents, delays,
 * re-submits or alters anything; `form.submit()` makes no event, so it is not seen.
 *
 * @param call - Makes an identify or a track of a payload.
 */
export function watchTriggers(
  window: Window & typeof globalThis,
  call: (name: 'identify' | 'track', payload: object) => void,
): void {
  const seen = new WeakSet<EventTarget>();
  const watch = (root: EventTarget) => {
    if (seen.has(root)) return;
    seen.add(root);
    root.addEventListener('submit', onSubmit, true);
  };
  const onSubmit = ({ target }: Event) =>
    attempt(() => {
      const form = target as HTMLFormElement;
      const payload = form.matches('[data-sendx]') && readForm(form);
      if (payload) call('identify', payload);
    });
  const onClick = (event: Event) => {
    const path = event.composedPath() as HTMLElement[];
    // A submit does not leave its shadow root; the click or focus before it does.
    for (const root of path) if ((root as object) instanceof window.ShadowRoot) watch(root);
    const link = path.find((element) =>
      element.matches?.('[data-sendx-add-tags],[data-sendx-remove-tags]'),
    );
    // The right button's auxclick opens a menu; focusin has no button.
    if (!link || !((event as MouseEvent).button < 2)) return;
    const { sendxAddTags: addTags, sendxRemoveTags: removeTags } = link.dataset;
    call('track', { addTags, removeTags });
  };
  watch(window);
  // The middle button opens a new tab by auxclick.
  for (const type of ['click', 'auxclick', 'focusin']) window.addEventListener(type, onClick, true);
}

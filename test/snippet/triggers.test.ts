import { Window } from 'happy-dom';
import { describe, expect, it } from 'vitest';
import { install } from '../../src/snippet/tracker.ts';
import { fieldOf, readForm, watchTriggers } from '../../src/snippet/triggers.ts';
import { pasteStub } from './pasteStub.ts';
import { createSite, idle } from './site.ts';

/** A page that holds `html`, with two pseudo-classes that happy-dom lacks. */
const pageOf = (html: string) => {
  const window = new Window({ url: 'https://www.example.com/' });
  const { prototype } = window.Element;
  const { matches } = prototype;
  prototype.matches = function (this: HTMLFormElement, selector: string) {
    if (selector === ':invalid') return !this.checkValidity();
    if (selector === ':enabled') return !this.matches(':disabled');
    return matches.call(this as never, selector);
  };
  window.document.body.innerHTML = html;
  return window;
};
const formOf = (controls: string, attributes = '') => {
  const { document } = pageOf(`<form data-sendx="identify" ${attributes}>${controls}</form>`);
  return document.querySelector('form') as unknown as HTMLFormElement;
};
/** What is read, without what is empty. */
const read = (controls: string, attributes = '') => {
  const payload = readForm(formOf(controls, attributes));
  if (!payload) return undefined;
  const { tags, customFields, ...traits } = payload;
  const names = tags
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return {
    ...traits,
    ...(names.length && { tags: names }),
    ...(Object.keys(customFields as object).length && { customFields }),
  };
};
const fieldOfInput = (attributes: string) => {
  const control = formOf(`<input ${attributes}>`).elements[0] as HTMLInputElement;
  return fieldOf(control as never)?.[1];
};

describe('the field of a control', () => {
  it.each([
    // What the page says.
    ['data-sendx-field="company" type="email" name="email"', 'company'],
    ['data-sendx-field="customFields.Plan"', 'customFields.Plan'],
    ['data-sendx-field="email" type="hidden"', 'email'],
    // Autocomplete tokens, with section and address before them.
    ['autocomplete="email"', 'email'],
    ['autocomplete="section-a shipping email"', 'email'],
    ['autocomplete="given-name" name="x"', 'firstName'],
    ['autocomplete="billing family-name"', 'lastName'],
    ['autocomplete="organization"', 'company'],
    ['autocomplete="bday" type="date"', 'birthday'],
    ['autocomplete="given-name" name="last_name"', 'firstName'],
    // The type.
    ['type="email" name="contact"', 'email'],
    // Names and ids as frameworks write them.
    ['name="email"', 'email'],
    ['name="E-Mail"', 'email'],
    ['name="user[email]"', 'email'],
    ['name="emailAddress"', 'email'],
    ['name="email_address"', 'email'],
    ['id="inputEmail4"', 'email'],
    ['name="first_name"', 'firstName'],
    ['name="firstName"', 'firstName'],
    ['name="fname"', 'firstName'],
    ['id="inputFirstName"', 'firstName'],
    ['name="lastname"', 'lastName'],
    ['name="last-name"', 'lastName'],
    ['name="surname"', 'lastName'],
    ['name="lname"', 'lastName'],
    ['name="company"', 'company'],
    ['name="company_name"', 'company'],
    ['name="organisation"', 'company'],
    ['name="birthday" type="date"', 'birthday'],
    ['name="date_of_birth" type="date"', 'birthday'],
    // Nobody's.
    ['name="name"', undefined],
    ['name="username"', undefined],
    ['name="message"', undefined],
    ['name="phone" type="tel"', undefined],
    ['autocomplete="organization-title" name="x"', undefined],
    ['autocomplete="bday-year" name="x"', undefined],
    ['name="email" type="hidden"', undefined],
    ['name="email" type="checkbox"', undefined],
    ['', undefined],
  ])('<input %s> is %s', (attributes, field) => {
    expect(fieldOfInput(attributes)).toBe(field);
  });
});

describe('readForm', () => {
  it('reads what is mapped and ignores the rest', () => {
    const controls = `
      <input type="email" name="email" value="jane@example.com">
      <input name="first_name" value="Jane">
      <input name="last_name" value="Doe">
      <input name="company" value="Acme">
      <input type="date" name="birthday" value="1990-01-02">
      <textarea name="message">hello</textarea>
      <input name="phone" value="555">
      <button name="email" value="button">Send</button>
      <fieldset name="email"></fieldset>
      <output name="email">output</output>`;
    expect(read(controls, 'data-sendx-tags="newsletter, lead"')).toEqual({
      email: 'jane@example.com',
      firstName: 'Jane',
      lastName: 'Doe',
      company: 'Acme',
      birthday: '1990-01-02',
      tags: ['newsletter', 'lead'],
    });
  });

  it('prefers the surest control of a field, wherever it stands', () => {
    const mapped = '<input data-sendx-field="email" value="mapped@example.com">';
    const token = '<input autocomplete="email" value="token@example.com">';
    const typed = '<input type="email" name="a" value="typed@example.com">';
    const named = '<input name="email" value="named@example.com">';
    expect(read(named + typed + token + mapped)).toEqual({ email: 'mapped@example.com' });
    expect(read(named + typed + token)).toEqual({ email: 'token@example.com' });
    expect(read(typed + named)).toEqual({ email: 'typed@example.com' });
    expect(read(named)).toEqual({ email: 'named@example.com' });
  });

  it('takes the first of two that are as sure, if something is in it', () => {
    const input = (value: string) => `<input name="email" value="${value}">`;
    expect(read(input('a@example.com') + input('b@example.com'))).toEqual({
      email: 'a@example.com',
    });
    expect(read(input('') + input('b@example.com'))).toEqual({ email: 'b@example.com' });
    expect(read(input('  ') + input('b@example.com'))).toEqual({ email: 'b@example.com' });
  });

  it('collects custom fields by name', () => {
    const controls = `
      <input data-sendx-field="customFields.Plan" value="Pro">
      <select data-sendx-field="customFields.Size"><option>S</option><option selected>M</option></select>
      <input type="radio" name="r" data-sendx-field="customFields.Color" value="red">
      <input type="radio" name="r" data-sendx-field="customFields.Color" value="blue" checked>
      <input type="checkbox" data-sendx-field="customFields.Topics" value="css" checked>
      <input type="checkbox" data-sendx-field="customFields.Topics" value="js">
      <input type="checkbox" data-sendx-field="customFields.Topics" value="html" checked>`;
    expect(read(controls)).toEqual({
      customFields: { Plan: 'Pro', Size: 'M', Color: 'blue', Topics: 'css,html' },
    });
  });

  it('collects tags of the form, of mapped controls and of ticked boxes', () => {
    const controls = `
      <select multiple data-sendx-field="tags">
        <option selected>a</option><option>b</option><option selected>c</option>
        <option selected disabled>d</option>
      </select>
      <input type="checkbox" data-sendx-tag-when-checked="ticked" checked>
      <input type="checkbox" data-sendx-tag-when-checked="unticked">`;
    expect(read(controls, 'data-sendx-tags="lead"')).toEqual({
      tags: ['lead', 'a', 'c', 'ticked'],
    });
  });

  it('reads controls outside the form that belong to it', () => {
    const { document } = pageOf(
      '<form id="f" data-sendx="identify"></form><input form="f" name="email" value="j@x.io">',
    );
    const form = document.querySelector('form') as unknown as HTMLFormElement;
    expect(readForm(form)).toMatchObject({ email: 'j@x.io' });
  });

  it.each(['2/1/1990', '1990', 'soon', '19900102'])(
    'leaves a birthday out that SendX would refuse with all the rest: %s',
    (value) => {
      const controls = `<input name="email" value="j@x.io"><input name="birthday" value="${value}">`;
      expect(read(controls)).toEqual({ email: 'j@x.io' });
    },
  );

  describe('never reads', () => {
    const SECRET = 'never-read-me';
    it.each([
      ['a password', 'type="password"'],
      ['a shown password', 'type="text" autocomplete="current-password"'],
      ['a file', 'type="file"'],
      ['a card number', 'autocomplete="cc-number"'],
      ['a card code', 'autocomplete="section-pay billing CC-CSC"'],
      ['a one-time code', 'autocomplete="one-time-code"'],
      ['a disabled control', 'disabled'],
      ['an unticked box', 'type="checkbox"'],
      ['an unchosen radio button', 'type="radio"'],
    ])('%s, even where it is mapped', (_what, attributes) => {
      for (const mapping of [
        'data-sendx-field="company"',
        'data-sendx-field="tags"',
        'name="email"',
      ])
        expect(
          JSON.stringify(read(`<input ${mapping} ${attributes} value="${SECRET}">`)),
        ).not.toContain(SECRET);
    });

    it('a hidden control that is not mapped', () => {
      expect(read(`<input type="hidden" name="email" value="${SECRET}">`)).toEqual({});
      const mapped = `<input type="hidden" data-sendx-field="company" value="Acme">`;
      expect(read(mapped)).toEqual({ company: 'Acme' });
    });
  });

  describe('sends nothing', () => {
    it('where the form is invalid', () => {
      expect(read('<input type="email" name="email" required>')).toBeUndefined();
    });

    it.each([
      ['', undefined],
      ['checked', { email: 'j@x.io' }],
    ])('unless its data-sendx-if is ticked: %j', (checked, expected) => {
      const box = `<input type="checkbox" id="optin" ${checked}>`;
      const email = '<input name="email" value="j@x.io">';
      expect(read(box + email, 'data-sendx-if="#optin"')).toEqual(expected);
    });

    it('unless one of those that its data-sendx-if names is ticked', () => {
      const boxes = (second: string) =>
        `<input type="checkbox" class="ok"><input type="checkbox" class="ok" ${second}>
        <input name="email" value="j@x.io">`;
      const form = (selector: string, second: string) =>
        read(boxes(second), `data-sendx-if="${selector}"`);
      for (const selector of ['.ok', '#none, .ok', '.ok, #none']) {
        expect(form(selector, '')).toBeUndefined();
        expect(form(selector, 'checked')).toEqual({ email: 'j@x.io' });
      }
    });

    it('where its data-sendx-if is nowhere', () => {
      expect(read('<input name="email" value="j@x.io">', 'data-sendx-if="#gone"')).toBeUndefined();
    });

    it.each([
      ['a robot', undefined],
      ['', { email: 'j@x.io' }],
    ])('where the trap holds %j', (value, expected) => {
      const trap = `<input name="url" data-sendx-trap value="${value}">`;
      expect(read(`<input name="email" value="j@x.io">${trap}`)).toEqual(expected);
    });
  });
});

describe('watchTriggers', () => {
  const watch = (html: string) => {
    const window = pageOf(html);
    const calls: unknown[] = [];
    watchTriggers(window as never, (...call) => calls.push(call));
    const happen = (selector: string, type: string, init: object = {}) => {
      const event = new window.MouseEvent(type, {
        bubbles: true,
        composed: true,
        cancelable: true,
        ...init,
      });
      window.document.querySelector(selector)?.dispatchEvent(event as never);
      return event;
    };
    return { window, calls, happen };
  };
  const FORM = '<form data-sendx="identify"><input name="email" value="j@x.io"></form>';
  const LINK = '<a data-sendx-add-tags="a, b" data-sendx-remove-tags="c"><b>text</b></a><i></i>';

  it('makes an identify of a submitted form, and leaves the event alone', () => {
    const { calls, happen } = watch(FORM);
    expect(happen('form', 'submit').defaultPrevented).toBe(false);
    expect(calls).toMatchObject([['identify', { email: 'j@x.io' }]]);
  });

  it('hears a form that was added later, and one whose script prevents the submit', () => {
    const { window, calls, happen } = watch('');
    window.document.body.innerHTML = FORM;
    window.document.querySelector('form')?.addEventListener('submit', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    });
    happen('form', 'submit');
    expect(calls).toHaveLength(1);
  });

  it('leaves forms alone that do not ask for it', () => {
    const { calls, happen } = watch(FORM.replace(' data-sendx="identify"', ''));
    happen('form', 'submit');
    expect(calls).toEqual([]);
  });

  it('makes a track of a click, whatever part of the link was hit', () => {
    const { calls, happen } = watch(LINK);
    for (const selector of ['a', 'b', 'i']) happen(selector, 'click');
    const track = ['track', { addTags: 'a, b', removeTags: 'c' }];
    expect(calls).toEqual([track, track]);
  });

  it.each([
    ['auxclick', 1, 1],
    ['auxclick', 2, 0],
    ['keydown', undefined, 0],
    ['mousedown', 0, 0],
  ])('takes a %s with button %s for %i clicks', (type, button, count) => {
    const { window, calls } = watch(LINK);
    const event = new window.Event(type, { bubbles: true });
    if (button !== undefined) Object.assign(event, { button });
    window.document.querySelector('a')?.dispatchEvent(event);
    expect(calls).toHaveLength(count);
  });
});

describe("sendx('form', element)", () => {
  const EMAIL = '<input name="email" value="j@x.io">';

  it('identifies by a form that makes no event', async () => {
    const site = createSite();
    site.open().sendx('form', formOf(EMAIL, 'data-sendx-tags="lead"'));
    await idle();
    expect(site.requests[0]?.messages).toMatchObject([{ type: 'identify', email: 'j@x.io' }]);
  });

  it('does so before the script came, though JSON cannot copy what React hangs on a form', async () => {
    const site = createSite();
    const page = site.open({ before: pasteStub, script: false });
    const form = formOf(EMAIL);
    page.sendx('form', Object.assign(form, { __reactFiber$x: { stateNode: form } }));
    site.clock.as(page, () => install(page.window, undefined, site.clock.now));
    await idle();
    expect(site.requests[0]?.messages).toMatchObject([{ type: 'identify', email: 'j@x.io' }]);
  });

  it('says so where the form may not be sent', () => {
    const page = createSite().open();
    page.sendx('form', formOf(`${EMAIL}<input data-sendx-trap value="robot">`));
    expect(page.told('dropped')).toEqual([[expect.any(String), 'invalid']]);
  });
});

import { expect, test } from './formFixtures.ts';

const BLANK = { firstName: '', lastName: '', company: '', birthday: '', customFields: {} };

test('standard autocomplete tokens tell the fields, behind a section and an address kind too', async ({
  page,
  open,
  next,
  email,
  contact,
}) => {
  await open(`
    <form action="${next}" data-sendx="identify" data-sendx-tags="newsletter, lead">
      <input name="a" autocomplete="section-blue shipping given-name" value="Jane">
      <input name="b" autocomplete="FAMILY-NAME" value="Doe">
      <input name="c" autocomplete="section-red billing organization" value="Acme">
      <input name="d" autocomplete="bday" value="1990-12-31">
      <input name="e" autocomplete="home email" value="${email}">
      <input name="f" autocomplete="organization-title" value="Boss">
      <input name="g" autocomplete="bday-year" value="1990">
      <input name="h" autocomplete="shipping street-address" value="1 Main St">
      <button>Go</button>
    </form>`);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({
    firstName: 'Jane',
    lastName: 'Doe',
    company: 'Acme',
    birthday: '1990-12-31',
    customFields: {},
    tags: ['newsletter', 'lead'],
  });
});

test('a mapping wins over autocomplete, autocomplete over the type, the type over names', async ({
  page,
  open,
  next,
  email,
  contact,
}) => {
  const wrong = (why: string) => `${why}.${email}`;
  await open(`
    <form action="${next}" data-sendx="identify">
      <input name="email" value="${wrong('name')}">
      <input type="email" name="x" value="${wrong('type')}">
      <input autocomplete="email" name="y" value="${wrong('token')}">
      <input name="z" data-sendx-field="email" value="${email}">
      <input name="first_name" value="Name">
      <input autocomplete="given-name" name="last_name" value="Token">
      <input autocomplete="organization" data-sendx-field="customFields.Employer" value="Acme">
      <input id="lastName" name="q" value="Id">
      <input name="lname" value="Name">
      <button>Go</button>
    </form>`);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({
    firstName: 'Token',
    lastName: 'Name',
    company: '',
    customFields: { Employer: 'Acme' },
  });
});

for (const [type, token, name] of [
  ['type', 'autocomplete="off" type="email" name="field_3"', 'a field of type email'],
  ['name', 'name="fields[e-mail]"', 'a common name'],
  ['id', 'id="inputEmailAddress1"', 'a common id'],
] as const)
  test(`${name} is enough for the e-mail (${type})`, async ({
    page,
    open,
    next,
    email,
    contact,
  }) => {
    await open(`
      <form action="${next}" data-sendx="identify"><input ${token} value="${email}"><button>Go</button></form>`);
    await page.getByRole('button').click();
    expect(await contact()).toMatchObject({ ...BLANK, email });
  });

/** Names and ids as form builders, shops and frameworks write them. */
const NAMES = {
  firstName: ['firstName', 'first_name', 'first-name', 'FNAME', 'fname', 'user[first_name]'],
  lastName: ['lastname', 'contact[last_name]', 'LNAME', 'surname', 'billing_last_name', 'lName'],
  company: [
    'company',
    'Company',
    'company_name',
    'organisation',
    'org[organization]',
    'inputCompany',
  ],
  birthday: ['birthday', 'birth_date', 'dob', 'date_of_birth', 'bday', 'user[birthday]'],
};
const VALUES = { firstName: 'Jane', lastName: 'Doe', company: 'Acme', birthday: '1990-12-31' };

for (const attribute of ['name', 'id'])
  test(`common names tell the fields (by ${attribute})`, async ({ page, open, contact, email }) => {
    const variants = NAMES.firstName.map((_, index) =>
      Object.entries(NAMES).map(([field, names]) => [field, names[index]] as const),
    );
    await open(
      variants
        .map(
          (fields, index) => `
          <form action="javascript:void 0" data-sendx="identify">
            <input type="email" value="${index}.${email}">
            ${fields
              .map(([field, name]) => {
                const value = VALUES[field as keyof typeof VALUES];
                return `<input ${attribute}="${name}" value="${value}">`;
              })
              .join('')}
            <button>Go</button>
          </form>`,
        )
        .join(''),
    );
    for (const [index] of variants.entries()) {
      await page.getByRole('button').nth(index).click();
      expect(await contact(`${index}.${email}`), `${variants[index]}`).toMatchObject(VALUES);
    }
  });

test('everything else on the form stays there', async ({ page, open, next, email, contact }) => {
  await open(`
    <form action="${next}" data-sendx="identify">
      <input type="email" value="${email}">
      <input name="name" value="Full Name">
      <input name="fullname" value="Full Name">
      <input name="username" value="jane_doe">
      <input name="channelName" value="Jane TV">
      <input name="phone" type="tel" value="555-0100">
      <input name="email_ok" value="yes">
      <textarea name="message">Hello</textarea>
      <select name="plan"><option>Pro</option></select>
      <input type="checkbox" name="email" value="1" checked>
      <input type="radio" name="company" value="small" checked>
      <input type="hidden" name="first_name" value="campaign-7">
      <input type="submit" name="last_name" value="Go">
    </form>`);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({ ...BLANK, email, tags: [] });
});

test('a date the proxy would refuse does not cost the contact', async ({
  page,
  open,
  next,
  email,
  contact,
}) => {
  await open(`
    <form action="${next}" data-sendx="identify">
      <input type="email" value="${email}"><input name="birthday" value="31/12/1990"><button>Go</button>
    </form>`);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({ ...BLANK, email });
});

test('radio groups, selects and groups of boxes become fields and tags', async ({
  page,
  open,
  next,
  email,
  contact,
}) => {
  await open(`
    <form action="${next}" data-sendx="identify" data-sendx-tags="base">
      <input type="email" value="${email}">
      <label><input type="radio" name="plan" value="free" data-sendx-field="customFields.Plan">Free</label>
      <label><input type="radio" name="plan" value="pro" data-sendx-field="customFields.Plan">Pro</label>
      <select multiple name="topics" data-sendx-field="tags" aria-label="Topics">
        <option value="clay">Clay</option><option value="glaze">Glaze</option><option>kiln</option>
      </select>
      <select multiple data-sendx-field="customFields.Days" aria-label="Days">
        <option selected>Mon</option><option selected>Tue</option><option>Wed</option>
      </select>
      <select data-sendx-field="customFields.Size"><option selected disabled>Choose …</option><option>L</option></select>
      <input type="checkbox" value="tea" checked data-sendx-field="customFields.Drinks">
      <input type="checkbox" value="mate" checked data-sendx-field="customFields.Drinks">
      <input type="checkbox" value="gin" data-sendx-field="customFields.Drinks">
      <label><input type="checkbox" data-sendx-tag-when-checked="vip, spring-sale">VIP</label>
      <input type="checkbox" data-sendx-tag-when-checked="unticked">
      <input type="radio" name="who" data-sendx-tag-when-checked="owner" checked>
      <input type="radio" name="who" data-sendx-tag-when-checked="guest">
      <input name="note" data-sendx-field="customFields.Note" value="  ">
      <input type="number" data-sendx-field="customFields.Age" value="29">
      <textarea data-sendx-field="customFields.About">Hi</textarea>
      <button>Go</button>
    </form>`);
  await page.getByLabel('Pro').check();
  await page.getByLabel('VIP').check();
  await page.getByLabel('Topics').selectOption(['clay', 'kiln']);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({
    customFields: { Plan: 'pro', Days: 'Mon,Tue', Drinks: 'tea,mate', Age: '29', About: 'Hi' },
    tags: ['base', 'clay', 'kiln', 'vip', 'spring-sale', 'owner'],
  });
});

test('controls outside count by their form attribute, those of other forms do not', async ({
  page,
  open,
  next,
  email,
  contact,
}) => {
  await open(`
    <input form="letter" type="email" value="${email}">
    <input name="first_name" value="Nobody">
    <form id="letter" action="${next}" data-sendx="identify">
      <input name="last_name" form="other" value="Nobody">
      <fieldset><legend>Work</legend><input name="company" value="Acme"></fieldset>
    </form>
    <form id="other"></form>
    <button form="letter">Go</button>`);
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({ ...BLANK, company: 'Acme' });
});

test('data-sendx-if ties a form to a ticked box, wherever the box is', async ({
  page,
  open,
  email,
  contact,
  calls,
}) => {
  await open(`
    <label><input id="optin" type="checkbox">Write to me</label>
    <form action="javascript:void 0" data-sendx="identify" data-sendx-if="#optin">
      <input type="email" aria-label="E-mail" value="no.${email}"><button>Go</button>
    </form>`);
  await page.getByRole('button').click();
  await page.getByLabel('Write to me').check();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button').click();
  await contact();
  expect(await calls(`no.${email}`)).toEqual([]);
});

test('a filled trap sends nothing, an empty one does no harm', async ({
  page,
  open,
  email,
  contact,
  calls,
}) => {
  await open(`
    <form action="javascript:void 0" data-sendx="identify">
      <input type="email" aria-label="E-mail" value="bot.${email}">
      <input name="url" aria-label="Trap" data-sendx-trap value="http://spam"><button>Go</button>
    </form>`);
  await page.getByRole('button').click();
  await page.getByLabel('Trap').fill('');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button').click();
  await contact();
  expect(await calls(`bot.${email}`)).toEqual([]);
});

test('a page that enriched arrays and objects has its forms read all the same', async ({
  page,
  open,
  pipeline,
  email,
  contact,
}) => {
  const { head } = pipeline.install;
  await open(
    `<form action="javascript:void 0" data-sendx="identify" data-sendx-tags="x">
      <input name="e_mail" value="${email}"><input name="fname" value="Jane"><button>Go</button></form>`,
    {
      head: `<script>
        Array.prototype.each = function () {}; Array.prototype.toJSON = function () { return 'x'; };
        Array.from = function (list) { return [].slice.call(list); };
        Array.prototype.entries = Array.prototype.slice;
      </script>${head}`,
    },
  );
  await page.getByRole('button').click();
  expect(await contact()).toMatchObject({ firstName: 'Jane', tags: ['x'] });
});

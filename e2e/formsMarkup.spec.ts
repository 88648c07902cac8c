import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, test } from './formFixtures.ts';

/** A form as its package ships it, and how a visitor fills it. */
interface Markup {
  readonly file: string;
  readonly fill: (page: Page, email: string) => Promise<void>;
  readonly button: string;
  readonly contact: Readonly<Record<string, string>>;
}

const FORMS: readonly Markup[] = [
  {
    file: 'sb-admin-register.html',
    async fill(page, email) {
      await page.getByLabel('First name').fill('Jane');
      await page.getByLabel('Last name').fill('Doe');
      await page.getByLabel('Email address').fill(email);
      await page.getByLabel('Password', { exact: true }).fill('hunter2');
      await page.getByLabel('Confirm Password').fill('hunter2');
    },
    button: 'Create Account',
    contact: { firstName: 'Jane', lastName: 'Doe' },
  },
  {
    file: 'landing-page-subscribe.html',
    fill: (page, email) => page.getByPlaceholder('Email Address').fill(email),
    button: 'Submit',
    contact: {},
  },
  {
    file: 'foundation-contact.html',
    async fill(page, email) {
      await page.getByLabel('Name', { exact: true }).fill('Jane Doe');
      await page.getByLabel('Company').fill('Acme');
      await page.getByLabel('Email Address').fill(email);
      await page.getByLabel('Ask us').fill('When?');
    },
    button: 'Contact Us',
    contact: { company: 'Acme' },
  },
  {
    file: 'foundation-abide.html',
    async fill(page, email) {
      await page.getByPlaceholder('First name').fill('Jane');
      await page.getByPlaceholder('Last name').fill('Doe');
      await page.getByPlaceholder('Email').fill(email);
      await page.getByPlaceholder('Age').fill('29');
    },
    button: 'Submit (validate)',
    contact: { firstName: 'Jane', lastName: 'Doe' },
  },
  {
    file: 'adminlte-register.html',
    async fill(page, email) {
      await page.getByPlaceholder('Full name').fill('Jane Doe');
      await page.getByPlaceholder('Email').fill(email);
      await page.getByPlaceholder('Password', { exact: true }).fill('hunter2');
      await page.getByPlaceholder('Retype password').fill('hunter2');
      await page.getByLabel('I agree').check();
    },
    button: 'Register',
    contact: {},
  },
  {
    file: 'gentelella-register.html',
    async fill(page, email) {
      await page.getByLabel('Full name').fill('Jane Doe');
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill('hunter2hunter2');
      await page.getByLabel('I agree').check();
    },
    button: 'Create account',
    contact: {},
  },
  {
    file: 'volt-sign-up.html',
    async fill(page, email) {
      await page.getByLabel('Your Email').fill(email);
      await page.getByLabel('Your Password').fill('hunter2');
      await page.getByLabel('Confirm Password').fill('hunter2');
      await page.getByLabel('I agree').check();
    },
    button: 'Sign up',
    contact: {},
  },
  {
    file: 'volt-settings.html',
    async fill(page, email) {
      await page.getByLabel('First Name').fill('Jane');
      await page.getByLabel('Last Name').fill('Doe');
      await page.getByLabel('Birthday').fill('31/12/1990');
      await page.getByLabel('Gender').selectOption('Female');
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Phone').fill('5550100');
      await page.getByLabel('Address').fill('Main St');
      await page.getByLabel('Number').fill('1');
      await page.getByLabel('City').fill('Montgomery');
      await page.getByLabel('State').selectOption('Alabama');
      await page.getByLabel('ZIP').fill('36104');
    },
    button: 'Save all',
    contact: { firstName: 'Jane', lastName: 'Doe' },
  },
];

const NOBODY = {
  firstName: '',
  lastName: '',
  company: '',
  birthday: '',
  customFields: {},
  tags: [],
};

for (const { file, fill, button, contact: expected } of FORMS)
  test(`${file} gives the right contact without a mapping`, async ({
    page,
    open,
    email,
    contact,
    calls,
  }) => {
    await open(readFileSync(new URL(`fixtures-html/${file}`, import.meta.url), 'utf8'));
    await fill(page, email);
    await page.getByRole('button', { name: button, exact: true }).click();
    expect(await contact()).toMatchObject({ ...NOBODY, ...expected });
    expect(await calls()).toHaveLength(1);
  });

import { expect, FORM, headline, listen, say, test } from './debugFixtures.ts';

test('a call without a tag is explained: who, what, expected, received, consequence', async ({
  page,
  debug,
  inspect,
}) => {
  const lines = listen(page);
  const panel = await debug(
    say(`sendx('identify', { email: 'jo@example.com' })`, `sendx('track')`),
  );
  await expect(headline(panel)).toContainText('track: ');
  await expect(panel).toContainText('refused');
  const sentence =
    'the second argument must be an object, got undefined; the proxy refused the whole call, and it will not be sent again';
  await expect(headline(panel)).toHaveText(`track: ${sentence}.`);
  expect(lines.join('\n')).toContain(`warning [sendx] track: ${sentence}. (refused)`);
  await inspect(panel);
});

/** Calls that go wrong in the page or at the proxy, and what the panel says of each. */
const FAULTS: readonly (readonly [call: string, sentence: string])[] = [
  [
    `sendx('track', { addTags: [] })`,
    'addTags must hold at least one tag, got an empty list; the proxy refused the whole call, and it will not be sent again.',
  ],
  [
    `sendx('track', {})`,
    'addTags must hold at least one tag, got undefined; the proxy refused the whole call, and it will not be sent again.',
  ],
  [
    `sendx('identify', { email: 'jane' })`,
    'email must be an e-mail address, got the text "j…"; the call was ignored.',
  ],
  [
    `sendx('identify', { birthday: '31/12/1990' })`,
    'birthday must be a date such as 1990-12-31, got the text "3…"; the proxy refused the whole call, and it will not be sent again.',
  ],
  [
    `sendx('identify', { firstName: { a: 1 } })`,
    'firstName must be a text, got an object; the proxy refused the whole call, and it will not be sent again.',
  ],
  [
    `sendx('identify', { customFields: ['a'] })`,
    'customFields must be an object of names and texts, got a list; the proxy refused the whole call, and it will not be sent again.',
  ],
  [
    `sendx('identify', { firstname: 'Jane' })`,
    'firstname is no property of identify: firstName is; it is left out.',
  ],
  [
    `sendx('idnetify', {})`,
    'The call’s name must be identify, track, consent, reset, flush, on, config or form, got “idnetify”; the call was ignored.',
  ],
  [
    `sendx('identify', { company: 'x'.repeat(9000) })`,
    'The message has more than 8 KiB, which is the most a page may send; the call was ignored.',
  ],
  [
    `sendx('form', document.querySelector('form'))`,
    'The form is invalid, its data-sendx-if is not ticked, or its data-sendx-trap was filled; the call was ignored.',
  ],
];

test('every fault is told in one sentence', async ({ debug, inspect }) => {
  const panel = await debug(
    FORM +
      say(`sendx('identify', { email: 'known@example.com' })`, ...FAULTS.map(([call]) => call)),
  );
  for (const [, sentence] of FAULTS)
    await expect(panel.getByText(sentence, { exact: true })).toBeVisible();
  await inspect(panel);
});

test('a misspelt property counts as a call that went wrong, one of the page’s own does not', async ({
  debug,
}) => {
  const panel = await debug(
    say(
      `sendx('identify', { email: 'jane@example.com', first_name: 'Jane' })`,
      `sendx('identify', { plan: 'Pro' })`,
    ),
  );
  const why = (text: string) => panel.getByText(text, { exact: true });
  await expect(
    why('first_name is no property of identify: firstName is; it is left out.'),
  ).toHaveAttribute('data-tone', 'bad');
  await expect(why('plan is no property of identify; it is left out.')).toHaveAttribute(
    'data-tone',
    'good',
  );
});

test('what the proxy refuses is told with the tag, field or property it is about', async ({
  debug,
  strict,
  inspect,
}) => {
  const panel = await debug(
    say(
      `sendx('identify', { email: 'jane@example.com', tags: ['newsletter', 'vip'] })`,
      `sendx('identify', { customFields: { Age: 29 } })`,
      `sendx('identify', { newEmail: 'joan@example.com' })`,
      `sendx('identify', { email: 'jane@example.com', signature: 'forged' })`,
    ),
    { pipeline: strict },
  );
  for (const text of [
    'The tag “vip” is not in ALLOWED_TAGS; the proxy refused the whole call, and it will not be sent again.',
    'The custom field “Age” is not in ALLOWED_FIELDS; the proxy refused the whole call, and it will not be sent again.',
    'newEmail needs a signature; the proxy refused the whole call, and it will not be sent again.',
    'The signature is not that of this e-mail address; the proxy refused the whole call, and it will not be sent again.',
  ])
    await expect(panel.getByText(text, { exact: true })).toBeVisible();
  await expect(headline(panel)).toContainText('calls went wrong, such as identify: ');
  await inspect(panel);
});

test('a call that went wrong is never said to have arrived, and fills the headline until one of its name is accepted', async ({
  page,
  debug,
  inspect,
}) => {
  const panel = await debug(
    say(`sendx('track', {})`, `sendx('identify', { email: 'jo@example.com' })`),
  );
  await expect(headline(panel), 'an identify puts no track right').toContainText(
    'track: addTags must hold at least one tag',
  );
  await page.evaluate(`sendx('track', { addTags: ['lead'] })`);
  await expect(headline(panel)).toHaveText('2 of 3 calls arrived, 1 went wrong: see below.');
  await expect(headline(panel)).toHaveAttribute('data-tone', 'busy');
  await expect(panel).toContainText('addTags must hold at least one tag');
  await inspect(panel);
});

test('a refused call and another of its name are told apart in the headline', async ({
  debug,
  strict,
}) => {
  const panel = await debug(
    say(
      `sendx('identify', { email: 'jane@example.com' })`,
      `sendx('track', { addTags: ['vip'] })`,
      `sendx('track', { addTags: ['newsletter'] })`,
    ),
    { pipeline: strict },
  );
  await expect(headline(panel)).toHaveText('2 of 3 calls arrived, 1 went wrong: see below.');
});

for (const others of [`sendx('identify', { email: 'jo@example.com' })`, `sendx('flush')`])
  test(`a misspelt name stays in the headline whatever else is called: ${others}`, async ({
    debug,
    inspect,
  }) => {
    const panel = await debug(say(`sendx('trak', { addTags: ['lead'] })`, others));
    await expect(panel).toContainText(/accepted|What waits is sent now/);
    await expect(headline(panel)).toHaveText(
      'trak: the call’s name must be identify, track, consent, reset, flush, on, config or form, got “trak”; the call was ignored.',
    );
    await inspect(panel);
  });

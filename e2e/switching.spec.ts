import { expect, test } from './fixtures.ts';

/** A page as SendX's own guide has it written: its site code, then calls in its way. */
const page = (email: string) => `<!doctype html>
<title>Shop</title>
<script type="text/javascript">
  var _scq = _scq || [];
  var _scs = _scs || {};
  _scs.teamId = "AbCdEfGhIjKlMnOpQrStUv";
  (function() {
    var scr = document.createElement('script'); scr.type = 'text/javascript'; scr.async = true;
    scr.src = '//cdn.sendx.io/prod/' + _scs.teamId + '.js';
    var scr0 = document.getElementsByTagName('script')[0]; scr0.parentNode.insertBefore(scr, scr0);
  })();
</script>
<script>
  _scq.push(['identify', {
    email: '${email}',
    firstName: 'Jane',
    company: 'Acme',
    birthday: '1990-12-31',
    customFields: { Designation: 'Developer', Age: '29' },
    tags: ['Developer', 'API Team'],
    success: function (answer) { window.answers = (window.answers || 0) + 1; },
    failure: function (error) { window.failures = (window.failures || 0) + 1; }
  }]);
</script>
<button onclick="_scq.push(['track', { addTags: ['Account Upgrade'], removeTags: ['Developer'] }])">Upgrade</button>`;

/** The two lines that change. */
const switched = (html: string, script: string) =>
  html.replace(/^ *_scs\.teamId = .*\n/m, '').replace(/^( *scr\.src = ).*$/m, `$1'${script}';`);

test("a page written for SendX's own snippet works with two changed lines", async ({
  page: tab,
  pipeline,
  email,
  arrivals,
  complaints,
}) => {
  const { pages, install, emulator } = pipeline;
  const before = page(email);
  const after = switched(before, install.script);
  const lines = after.split('\n');
  expect(before.split('\n').filter((line) => !lines.includes(line))).toHaveLength(2);
  pages.set('/switched', after);
  await tab.goto(`${pages.origin}/switched`);
  await arrivals(1);
  await tab.getByRole('button', { name: 'Upgrade' }).click();
  expect(await arrivals(2)).toEqual([
    'identify Developer,API Team',
    'track Account Upgrade -Developer',
  ]);
  expect(emulator.contact(email)).toMatchObject({
    firstName: 'Jane',
    company: 'Acme',
    birthday: '1990-12-31',
    tags: ['API Team', 'Account Upgrade'],
  });
  await expect.poll(() => tab.evaluate('window.answers')).toBe(1);
  expect(await tab.evaluate('window.failures')).toBeUndefined();
  expect(complaints).toEqual([]);
});

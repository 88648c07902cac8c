import type { Page } from 'playwright/test';
import { expect, test } from './formFixtures.ts';

/** A page that notes whatever its forms and links go through, and what its globals are. */
const page = (head: string, next: string, email: string) => `<!doctype html><title>Page</title>
  <script>
    const notes = [];
    const globals = window.globals = ['fetch', 'XMLHttpRequest', 'navigator', 'history', 'addEventListener', 'onsubmit', 'onclick'];
    const natives = window.natives = [
      HTMLFormElement.prototype.submit, HTMLFormElement.prototype.requestSubmit, EventTarget.prototype.addEventListener,
      history.pushState, navigator.sendBeacon, Event.prototype.preventDefault, fetch, Element.prototype.attachShadow,
    ];
  </script>
  ${head}
  <body>
    <form action="${next}" method="post" data-sendx="identify" data-sendx-tags="x" id="native">
      <input type="email" name="email" value="${email}" required>
      <input type="password" name="password" value="hunter2">
      <input name="first_name" value="Jane"><input type="hidden" name="csrf" value="t0ken">
      <button name="plan" value="pro" data-sendx-add-tags="pressed">Send</button>
    </form>
    <form data-sendx="identify" id="own"><input type="email" name="email" value="${email}"><button>Own</button></form>
    <a href="#there" data-sendx-add-tags="link">Link</a>
    <script>
      const own = document.getElementById('own');
      own.addEventListener('submit', (event) => event.preventDefault());
      const note = (event) => notes.push([
        event.type, event.target.id || event.target.tagName, event.isTrusted, event.defaultPrevented,
        event.cancelable, event.eventPhase, event.composedPath().length, event.submitter?.textContent,
      ].join(' '));
      for (const type of ['submit', 'click', 'formdata', 'invalid', 'reset', 'input', 'change'])
        for (const capture of [true, false]) addEventListener(type, note, capture);
      addEventListener('submit', (event) => {
        // Microtasks and frames between the click and here would show as a delay.
        notes.push('same task ' + (window.clicked === true));
        sessionStorage.notes = JSON.stringify(notes);
        sessionStorage.markup = document.body.outerHTML;
      });
      addEventListener('click', () => {
        window.clicked = true;
        queueMicrotask(() => queueMicrotask(() => {}));
        setTimeout(() => { window.clicked = false; });
      }, true);
      onerror = (message) => notes.push('error ' + message);
    </script>
  </body>`;

/** Uses the page's forms and link, and tells all that could be noticed. */
async function live(browserPage: Page, url: string) {
  await browserPage.goto(url);
  await browserPage.getByRole('link').click();
  await browserPage.getByRole('button', { name: 'Own' }).click();
  const intact = await browserPage.evaluate(() => {
    const { natives, globals } = window as unknown as {
      natives: readonly unknown[];
      globals: readonly string[];
    };
    return [
      ...natives.map((native) => /\[native code\]/.test(String(native))),
      ...globals.map((name) => typeof window[name as keyof Window]),
      HTMLFormElement.prototype.submit === natives[0],
      EventTarget.prototype.addEventListener === natives[2],
      fetch === natives[6],
    ];
  });
  await browserPage.getByRole('button', { name: 'Send' }).click();
  await expect(browserPage).toHaveTitle('Next');
  const { notes, markup } = await browserPage.evaluate(() => ({ ...sessionStorage }) as never);
  return {
    notes: JSON.parse(notes),
    markup,
    intact,
    history: await browserPage.evaluate('history.length'),
  };
}

test('a page with the snippet behaves as without it, to the last event', async ({
  browser,
  pipeline,
  next,
  posted,
  email,
  arrivals,
}) => {
  const { pages, install } = pipeline;
  pages.set(next, '<!doctype html><title>Next</title>');
  pages.set('/without', page('', next, email));
  pages.set('/with', page(install.head, next, email));
  const seen = [];
  for (const path of ['/without', '/with']) {
    const tab = await browser.newPage();
    seen.push(await live(tab, pages.origin + path));
    await tab.close();
  }
  const [without, withSnippet] = seen;
  expect(withSnippet).toEqual(without);
  expect(without?.notes.length).toBeGreaterThan(8);
  expect(without?.notes).toContain('same task true');
  const [first, second] = posted();
  expect(second).toEqual(first);
  expect(first?.body).toBe(
    `email=${encodeURIComponent(email)}&password=hunter2&first_name=Jane&csrf=t0ken&plan=pro`,
  );
  expect(posted()).toHaveLength(2);
  // The sentinel: the snippet was there and did its work.
  expect((await arrivals(4)).toSorted()).toEqual([
    'identify',
    'identify x',
    'track link',
    'track pressed',
  ]);
});

test('no click waits for us: the next page is asked for while the proxy hangs', async ({
  page,
  pipeline,
  open,
  next,
}) => {
  await open(`
    <form action="${next}" data-sendx="identify"><input type="email" value="slow@example.com"><button>Go</button></form>
    <a href="${next}" data-sendx-add-tags="slow">Link</a>`);
  pipeline.link.set({ fault: 'hang' }, 'messages');
  for (const role of ['button', 'link'] as const) {
    await page.getByRole(role).click({ timeout: 3000 });
    await expect(page).toHaveTitle('Next', { timeout: 3000 });
    await page.goBack();
  }
});

import type { Pages } from '../pages.ts';
import { CALM, calls, IN_ORDER, lastWord, script, witness } from './calls.ts';
import { expect, test } from './fixtures.ts';
import { CHANGE_THE_GROUND, DRAW_THE_FORM, type Library, SWAP_THE_PAGE } from './libraries.ts';

/** Puts a library on the site; its tag. */
async function serve(pages: Pages, library: Library): Promise<string> {
  const headers = { 'Content-Type': 'text/javascript; charset=utf-8' };
  pages.set('/library.js', { html: await library(), headers });
  return '<script src="/library.js"></script>';
}

for (const [name, library] of Object.entries(CHANGE_THE_GROUND))
  test(`calls arrive intact, once, and the page sees no error, on a page with ${name}`, async ({
    tab,
    origin,
    pipeline,
    email,
    intact,
  }) => {
    const { pages, install } = pipeline;
    const tag = await serve(pages, library);
    pages.set('/old', `<!doctype html>${witness()}${tag}${install.head}${script(calls(email))}`);
    await tab.visit(`${origin}/old`);
    await intact(tab);
  });

for (const [name, library] of Object.entries(DRAW_THE_FORM))
  test(`what a form of ${name} says arrives, once`, async ({
    tab,
    origin,
    pipeline,
    email,
    arrivals,
    shows,
    ready,
  }) => {
    const { pages, install } = pipeline;
    const tag = await serve(pages, library);
    const body = `<div id="app"></div>${tag}`;
    pages.set('/app', `<!doctype html>${witness()}${install.head}<body>${body}</body>`);
    await tab.visit(`${origin}/app`);
    await ready(tab);
    await tab.click('#email');
    await tab.type(email);
    await tab.click('button');
    await shows(tab, '!!document.querySelector("#thanks")', true);
    await tab.run(lastWord('last'));
    expect(await arrivals(2)).toEqual(['identify newsletter', 'track last']);
    expect(await tab.run(CALM)).toBe(true);
  });

for (const [name, library] of Object.entries(SWAP_THE_PAGE))
  test(`a page that ${name} puts in the place of another tells what it says, once`, async ({
    tab,
    origin,
    pipeline,
    email,
    arrivals,
    shows,
    ready,
  }) => {
    const { pages, install } = pipeline;
    const tag = await serve(pages, library);
    const page = (said: string, link: string) =>
      `<!doctype html><html><head>${witness()}${tag}${install.head}</head>
      <body>${script(said)}${link}</body></html>`;
    pages.set('/first', page(calls(email), '<a id="go" hx-boost="true" href="/second">Next</a>'));
    pages.set('/second', page("sendx('track', { addTags: ['second'] })", '<p id="end">End</p>'));
    await tab.visit(`${origin}/first`);
    await ready(tab);
    await tab.run('window.same = true');
    await tab.click('#go');
    await shows(tab, '[window.same, !!document.querySelector("#end")]', [true, true]);
    await arrivals(4);
    await tab.run(lastWord('last'));
    expect(await arrivals(5)).toEqual([...IN_ORDER, 'track second', 'track last']);
    expect(await tab.run(CALM)).toBe(true);
  });

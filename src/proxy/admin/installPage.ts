import { createDom } from './dom.ts';
import { startInstallPage } from './installScript.ts';
import { pageResponse } from './pageResponse.ts';
import { writeRecipes } from './recipes.ts';
import { STYLE } from './style.ts';

// A function's own source is what the browser needs; see the operator's page.
const SCRIPT = `(${startInstallPage})({
  dom: (${createDom})(document),
  writeRecipes: ${writeRecipes},
  copy: async (text) => navigator.clipboard.writeText(text),
});`;

const BODY = `<a class="skip" href="#main">Skip to content</a>
<header>
  <h1>SendX proxy <span class="muted" id="version"></span></h1>
  <nav aria-label="Pages"><a href="/">Operation</a><a href="/install" aria-current="page">Install</a></nav>
</header>
<main id="main" tabindex="-1" class="single">
  <section class="panel" aria-labelledby="where-title">
    <h2 id="where-title">Where browsers reach this proxy</h2>
    <label for="address">Public address</label>
    <input id="address" type="url" placeholder="https://t.example.com" autocomplete="off" spellcheck="false">
    <p class="note" id="placeholder-note">Enter the proxy's own name: everything below is written for it. <code>PUBLIC_URL</code> remembers it.</p>
    <p class="muted">Sites that may call: <code id="origins"></code></p>
    <nav aria-label="Recipes"><ul class="contents" id="contents"></ul></nav>
  </section>
  <div class="recipes" id="recipes"></div>
  <section class="panel" aria-labelledby="check-title">
    <h2 id="check-title" tabindex="-1">Check my page</h2>
    <p class="lead">Paste the source of a page as the browser gets it. It goes to this proxy and nowhere else.</p>
    <label for="site">Address of the page</label>
    <input id="site" type="url" placeholder="https://www.example.com/" autocomplete="off" spellcheck="false">
    <label for="source">Source</label>
    <textarea id="source" rows="8" spellcheck="false" autocomplete="off"></textarea>
    <button type="button" id="check" class="primary">Check</button>
    <ul class="rows findings" id="findings" aria-label="What was found"></ul>
  </section>
</main>
<p class="toast" id="announcer" role="status" aria-live="polite"></p>`;

/**
 * Answers with the install page.
 *
 * @param nonce - unguessable and new for every answer.
 */
export const renderInstallPage = (nonce: string): Response =>
  pageResponse({ title: 'Install: SendX proxy', style: STYLE, body: BODY, script: SCRIPT }, nonce);

import { createAutomationsPane } from './automationsPane.ts';
import { createContactsPane } from './contactsPane.ts';
import { createDom } from './dom.ts';
import { createFaultsPane } from './faultsPane.ts';
import { createJournalPane } from './journalPane.ts';
import { startLivePage } from './live.ts';
import { createRulesPane } from './rulesPane.ts';
import { STYLE } from './style.ts';

// Each function is self-contained, so its own source is what the browser needs and the page is one
// file without a build step. A build that keeps names would break this: it adds calls to a helper.
const SCRIPT = `(${startLivePage})({
  dom: ${createDom},
  contacts: ${createContactsPane},
  journal: ${createJournalPane},
  automations: ${createAutomationsPane},
  faults: ${createFaultsPane},
  rules: ${createRulesPane},
});`;

// Values reach the page by its event stream alone, so nothing here needs escaping.
const page = (nonce: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>SendX emulator</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<a class="skip" href="#contacts">Skip to contacts</a>
<header>
  <div class="brand">
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M7 11l9 6 9-6M7 10h18v12H7z"/></svg>
    <div>
      <h1>SendX emulator</h1>
      <p class="muted">A local SendX: what your site sends, as it arrives</p>
    </div>
  </div>
  <dl class="counts">
    <div><dt>Contacts</dt><dd id="count-contacts">0</dd></div>
    <div><dt>Requests</dt><dd id="count-requests">0</dd></div>
    <div><dt>Automations run</dt><dd id="count-fired">0</dd></div>
  </dl>
  <p class="link" id="link" data-state="wait"><span class="dot" aria-hidden="true"></span><span id="link-text">Connecting</span></p>
</header>
<section class="bench" aria-labelledby="bench-title">
  <h2 id="bench-title">Make it fail</h2>
  <div class="buttons" id="fault-buttons"></div>
  <div class="buttons end">
    <button type="button" id="clear" class="quiet" disabled>Clear faults</button>
    <button type="button" id="reset" class="danger">Reset everything</button>
  </div>
  <ul class="armed" id="armed" aria-label="Faults in force"></ul>
</section>
<main>
  <section class="panel people" id="contacts" tabindex="-1" aria-labelledby="contacts-title">
    <div class="head">
      <h2 id="contacts-title">Contacts</h2>
      <label class="filter"><span class="unseen">Filter contacts</span><input id="filter" type="search" placeholder="Filter by name, address or tag" autocomplete="off"></label>
    </div>
    <p class="empty tall" id="contacts-empty">No contact yet. An identify call creates one.</p>
    <ul class="cards" id="cards"></ul>
    <p class="more muted" id="contacts-more" hidden></p>
  </section>
  <div class="side">
    <section class="panel" aria-labelledby="journal-title">
      <div class="head"><h2 id="journal-title">Journal</h2><p class="muted">Every API request, newest first</p></div>
      <p class="empty" id="journal-empty">No request yet.</p>
      <ol class="rows" id="journal" reversed></ol>
    </section>
    <section class="panel" aria-labelledby="automations-title">
      <div class="head"><h2 id="automations-title">Automations</h2><p class="muted">Run when a tag really changes</p></div>
      <ul class="rows rules" id="automations"></ul>
      <h3 id="fired-title">Recent runs</h3>
      <p class="empty" id="fired-empty">None yet.</p>
      <ol class="rows" id="fired" reversed aria-labelledby="fired-title"></ol>
    </section>
  </div>
  <section class="panel wide" aria-labelledby="rules-title">
    <details>
      <summary><h2 id="rules-title">Undocumented rules</h2><span class="muted" id="rules-note"></span></summary>
      <p class="muted">Where SendX does not say what it does, the emulator has chosen. Try the other ways.</p>
      <div class="table" id="rules"></div>
    </details>
  </section>
</main>
<footer>
  <p>Legacy surface: <code>POST /api/v1/contact/identify?team_id=…</code> and <code>…/track?team_id=…&amp;email=…</code>, key in <code>api_key</code></p>
  <p>REST surface: <code>POST /api/v1/rest/contact/identify</code> and <code>…/track</code>, key in <code>X-Team-ApiKey</code></p>
  <p>For tests: <code>/_emulator/contacts</code>, <code>/journal</code>, <code>/automations</code>, <code>/faults</code>, <code>/rules</code>, <code>/reset</code>, <code>/events</code></p>
</footer>
<p class="unseen" id="announcer" role="status" aria-live="polite"></p>
<noscript><p class="empty">This page needs JavaScript. The same is at /_emulator/contacts and /_emulator/journal.</p></noscript>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;

const policy = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    // A demo on another local port may show the page beside its own.
    "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*",
  ].join('; ');

/**
 * Answers with the live page.
 *
 * @param nonce - Unguessable and new for every answer.
 */
export const renderPage = (nonce: string): Response =>
  new Response(page(nonce), {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy(nonce),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    },
  });

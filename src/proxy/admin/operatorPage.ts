import { createUpstreamWords } from '../operator/upstreamWords.ts';
import { createWords } from '../operator/words.ts';
import { createDom } from './dom.ts';
import { createOperatorRows } from './operatorRows.ts';
import { startOperatorPage } from './operatorScript.ts';
import { pageResponse } from './pageResponse.ts';
import { STYLE } from './style.ts';

// A function's own source is what the browser needs, so the page is one file without a build step.
// A build that keeps names would break this: it adds calls to a helper.
const SCRIPT = `{
const words = (${createWords})();
(${startOperatorPage})(document, (${createDom})(document), words, (${createUpstreamWords})(words), ${createOperatorRows});
}`;

const card = (id: string, term: string, note = '') =>
  `<div class="card" id="${id}-card"><dt>${term}</dt><dd><span id="${id}">–</span>${note}</dd></div>`;

const BODY = `<a class="skip" href="#main">Skip to content</a>
<header>
  <h1>SendX proxy <span class="muted" id="version"></span></h1>
  <nav aria-label="Pages"><a href="/" aria-current="page">Operation</a><a href="/install">Install</a></nav>
  <p class="link" id="link" data-state="wait"><span class="dot" aria-hidden="true"></span><span id="link-text">Connecting</span></p>
</header>
<main id="main" tabindex="-1">
  <section class="banner" id="upstream" data-state="wait" aria-labelledby="upstream-title">
    <h2 id="upstream-title">Connecting</h2>
    <p id="upstream-text"></p>
  </section>
  <dl class="cards">
    ${card('waiting', 'Waiting', '<small>oldest <span id="oldest">–</span>, in flight <span id="in-flight">–</span></small>')}
    ${card('delivered', 'Delivered', '<small>accepted <span id="accepted">–</span></small>')}
    ${card('duplicates', 'Duplicates', '<small>dropped, no harm</small>')}
    ${card('refused', 'Refused here', '<small>by your rules; put off <span id="later">–</span></small>')}
    ${card('lost', 'Lost in browsers', '<small>as they report it</small>')}
    ${card('dead', 'Dead letters', '<small>kept for you</small>')}
  </dl>
  <section class="panel wide" aria-labelledby="dead-title">
    <div class="head"><h2 id="dead-title" tabindex="-1">Dead letters</h2><p class="muted">Messages that are not tried any more</p></div>
    <p class="empty" id="letters-empty">None. Everything that SendX refuses would be listed here.</p>
    <ul class="rows" id="letters"></ul>
    <p class="muted" id="letters-more" hidden></p>
  </section>
  <section class="panel" aria-labelledby="recent-title">
    <div class="head"><h2 id="recent-title">Last deliveries</h2><p class="muted">Newest first; contacts as keyed hashes</p></div>
    <p class="empty" id="recent-empty">None since the start.</p>
    <div class="scroll" id="recent-table" tabindex="0" role="group" aria-label="Table of last deliveries" hidden>
      <table>
        <thead><tr><th scope="col">Time</th><th scope="col">Type</th><th scope="col" class="lane">Contact</th><th scope="col">Verdict</th><th scope="col" class="code">Answer</th><th scope="col" class="right">Attempt</th><th scope="col" class="right">ms</th></tr></thead>
        <tbody id="recent"></tbody>
      </table>
    </div>
  </section>
  <div class="side">
    <section class="panel" aria-labelledby="refusals-title">
      <h2 id="refusals-title">Refusals by reason</h2>
      <p class="empty" id="refusals-empty">None.</p>
      <ul class="rows terms" id="refusals"></ul>
    </section>
    <section class="panel" aria-labelledby="lost-title">
      <h2 id="lost-title">Lost in browsers</h2>
      <p class="empty" id="lost-list-empty">None reported.</p>
      <ul class="rows terms" id="lost-list"></ul>
    </section>
  </div>
</main>
<footer><p id="since"></p></footer>
<p class="unseen" id="announcer" role="status" aria-live="polite"></p>`;

/**
 * Answers with the operator's view.
 *
 * @param nonce - unguessable and new for every answer.
 */
export const renderOperatorPage = (nonce: string): Response =>
  pageResponse({ title: 'SendX proxy', style: STYLE, body: BODY, script: SCRIPT }, nonce);

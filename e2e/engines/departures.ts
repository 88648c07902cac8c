import type { Pages } from '../pages.ts';

/** A way to leave a page in the moment after something was said. */
export interface Departure {
  readonly name: string;
  /** The page's body; `say()` makes its calls. */
  readonly body: string;
  /** Where a click on `#go` leads: a path that is asked for then, or the end of the tab. */
  readonly to: string | 'the end';
  /** The page lives on where it is. */
  readonly stays?: true;
  /** Where the visitor comes from. */
  readonly from?: string;
  /** What the site serves beside, before the visitor comes. */
  readonly serve?: (pages: Pages) => void;
}

/** Another page, without the snippet. */
export const ELSEWHERE = '/elsewhere';

/** The page with the snippet. */
export const PAGE = '/page';

const button = (act: string) => `<button id="go" onclick="say(); ${act}">Go</button>`;
const link = (attributes: string) => `<a id="go" onclick="say()" ${attributes}>Go</a>`;

/** All of them, in the order of the README's table. */
export const DEPARTURES: readonly Departure[] = [
  {
    name: 'form',
    body: `<form action="${ELSEWHERE}" onsubmit="say()"><button id="go">Send</button></form>`,
    to: ELSEWHERE,
  },
  { name: 'link', body: link(`href="${ELSEWHERE}"`), to: ELSEWHERE },
  {
    name: 'redirect',
    body: link('href="/away"'),
    to: ELSEWHERE,
    serve: ({ set, foreign }) =>
      set('/away', { html: '', status: 302, headers: { Location: foreign + ELSEWHERE } }),
  },
  { name: '`location`', body: button(`location.href = '${ELSEWHERE}'`), to: ELSEWHERE },
  { name: 'reload', body: button('location.reload()'), to: PAGE },
  // Chromium and Firefox take it from their cache unasked.
  { name: 'back', body: button('history.back()'), from: ELSEWHERE, to: ELSEWHERE },
  { name: 'new window', body: button(`window.open('${ELSEWHERE}')`), to: ELSEWHERE, stays: true },
  {
    name: 'download',
    body: link('href="/file" download'),
    to: '/file',
    stays: true,
    serve: ({ set }) => {
      const headers = {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': 'attachment; filename="file.bin"',
      };
      set('/file', { html: 'a file', headers });
    },
  },
  { name: 'tab closed', body: '', to: 'the end' },
  {
    name: '`close()`',
    body: `<script>if (opener) addEventListener('load', () => { say(); close(); });</script>
      <button id="go" onclick="window.open(location.href)">Open</button>`,
    to: PAGE,
    stays: true,
  },
];

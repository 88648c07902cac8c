import type { InstallFacts } from './installFacts.ts';

/** Text to copy. */
export interface Snippet {
  readonly label: string;
  readonly text: string;
}

/** How to install the snippet on one kind of site. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly intro: string;
  readonly snippets: readonly Snippet[];
  readonly notes: readonly string[];
}

/**
 * Writes every recipe for a proxy. Self-contained: the page carries its source.
 *
 * @param proxy - the public address, without a slash at the end.
 */
export function writeRecipes(facts: InstallFacts, proxy: string): readonly Recipe[] {
  const { stub, stubHash, loader, version, integrity } = facts;
  const script = `${proxy}/v1/sendx.js`;
  const origin = proxy.replace(/^(\w+:\/\/[^/]+).*$/, '$1');
  const paste = `<script>${stub}</script>\n<script async src="${script}"></script>`;
  const pinned = [
    `<script>${stub}</script>`,
    `<script async src="${proxy}/${version}/sendx.js" integrity="${integrity}" crossorigin="anonymous" data-endpoint="${proxy}/v1/messages"></script>`,
  ].join('\n');
  const form = [
    '<form action="/thanks" method="post" data-sendx="identify" data-sendx-tags="newsletter">',
    '  <input type="email" name="email" required>',
    '  <button>Subscribe</button>',
    '</form>',
  ].join('\n');
  const php = ["add_action('wp_head', function () { ?>", paste, '<?php }, 1);'].join('\n');
  const route = [
    '// once, where the app starts; the paste stays in index.html',
    "router.afterEach((to) => sendx('track', { addTags: ['viewed-' + to.name] }));",
    '',
    '// after a sign-in, and after a sign-out',
    "sendx('identify', { email: user.email });",
    "sendx('reset');",
  ].join('\n');
  const before = [
    '_scq.push(["identify", { email: "jane@example.com", firstName: "Jane" }]);',
    '_scq.push(["track", { addTags: ["newsletter"] }]);',
  ].join('\n');

  return [
    {
      id: 'html',
      title: 'Plain HTML',
      intro:
        'As early as possible in the head of every page. The second line always loads the current version.',
      snippets: [
        { label: 'Paste, always current', text: paste },
        { label: `Paste, pinned to ${version}`, text: pinned },
        { label: 'A form that needs no code', text: form },
      ],
      notes: [
        'Pinned, browsers refuse any other script by its integrity hash; paste again after an update of the proxy.',
        'The first line takes calls until the script is there, so it comes first and stays inline.',
      ],
    },
    {
      id: 'tag-manager',
      title: 'Tag manager',
      intro: 'As a custom HTML tag, on all pages, as early as the tag manager allows.',
      snippets: [
        {
          label: 'Custom HTML tag',
          text: `<script>\n${stub}\n${loader.replace('%SCRIPT%', () => script)}\n</script>`,
        },
      ],
      notes: [
        'Tag managers drop attributes: say sendx("config", { consent: "pending" }) instead of data-consent.',
        'A form sent before the tag is there is missed; only the plain paste is early enough for that.',
      ],
    },
    {
      id: 'wordpress',
      title: 'WordPress',
      intro:
        'Into functions.php of a child theme. A plugin for header scripts takes the plain paste as well.',
      snippets: [{ label: 'functions.php', text: php }],
      notes: [
        'Exclude sendx.js from plugins that combine, delay or defer scripts: its address tells it where messages go.',
        'Empty the page cache afterwards, or old pages are served without it.',
      ],
    },
    {
      id: 'single-page',
      title: 'Single-page app',
      intro: 'The plain paste in index.html once; views come and go without it.',
      snippets: [
        { label: 'index.html', text: paste },
        { label: 'In the app', text: route },
      ],
      notes: ['Forms and links with data-sendx that a framework adds later work without a call.'],
    },
    {
      id: 'csp',
      title: 'Content-Security-Policy',
      intro:
        'Add these sources to the directives that the site has. The hash allows the inline stub as it is, without a nonce.',
      snippets: [
        {
          label: 'Sources by hash',
          text: `script-src ${stubHash} ${origin}; connect-src ${origin}`,
        },
        {
          label: 'Tags, where each answer has a nonce',
          text: paste.replaceAll('<script', '<script nonce="YOUR-NONCE"'),
        },
      ],
      notes: [
        "With 'strict-dynamic' hosts do not count: use the nonce on both tags.",
        'A comment or space added to the stub changes its hash.',
      ],
    },
    {
      id: 'scq',
      title: 'Coming from _scq',
      intro: "Calls of SendX's own snippet work as they are. Replace its script by this one.",
      snippets: [
        {
          label: 'Before them, in the head',
          text: `${paste}\n<script>window._scq = window._scq || [];</script>`,
        },
        { label: 'What may stay as it is', text: before },
      ],
      notes: [
        'Remove the old script: with both, every call would arrive twice.',
        'Tags must be allowed by ALLOWED_TAGS, fields by ALLOWED_FIELDS.',
      ],
    },
  ];
}

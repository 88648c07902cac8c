const policy = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    // What is framed can be made to be clicked.
    "frame-ancestors 'none'",
  ].join('; ');

// Either would change how HTML reads on; in a string of the script the backslash says nothing.
const inlineSafe = (script: string) =>
  script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

/** One page of the admin port. */
export interface AdminPage {
  readonly title: string;
  readonly style: string;
  /** Markup of our own: values reach a page by its requests alone, so nothing here is escaped. */
  readonly body: string;
  readonly script: string;
}

/**
 * Answers with a page that loads nothing from anywhere.
 *
 * @param nonce - unguessable and new for every answer.
 */
export const pageResponse = ({ title, style, body, script }: AdminPage, nonce: string): Response =>
  new Response(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
${body}
<noscript><p class="empty">This page needs JavaScript. The same numbers are at /metrics, /status and /dead.</p></noscript>
<script nonce="${nonce}">${inlineSafe(script)}</script>
</body>
</html>
`,
    {
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': policy(nonce),
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Referrer-Policy': 'no-referrer',
      },
    },
  );

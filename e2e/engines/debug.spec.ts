import { closedPort } from '../closedPort.ts';
import type { Pipeline } from '../pipeline.ts';
import { expect, test } from './fixtures.ts';

/** The endpoint's state as the panel tells it, and the page to which it is told. */
interface Case {
  readonly endpoint?: (pipeline: Pipeline) => string | Promise<string>;
  readonly head?: string;
  readonly origin?: (pipeline: Pipeline) => string;
  readonly status?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'takes messages from this site': {},
  'answers 502 to messages: it is down or busy': { status: 502 },
  'Unreachable: nobody answers': {
    endpoint: async () => `http://127.0.0.1:${await closedPort()}/v1/messages`,
  },
  'which costs a round trip': { endpoint: ({ link }) => `${link.url}/moved` },
  'Wrong URL: ': { endpoint: ({ link }) => `${link.url}/v2/messages` },
  'answers without CORS headers': { endpoint: ({ pages }) => `${pages.foreign}/bare/messages` },
  'The proxy does not take messages from': {
    origin: ({ pages }) => pages.origin.replace('localhost', '[::1]'),
  },
  'Content-Security-Policy blocks it': {
    head: `<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">`,
  },
};

const PANEL = `(document.querySelector('sendx-debug')?.shadowRoot.textContent ?? '')`;

for (const [sentence, { endpoint, head = '', status, origin: from }] of Object.entries(CASES))
  test(`the debug panel tells of the endpoint: ${sentence}`, async ({
    pipeline,
    origin,
    tab,
    shows,
  }) => {
    const { pages, link, install } = pipeline;
    pages.set('/bare/messages', 'no CORS here');
    if (status) link.set({ fault: { status } }, 'messages');
    const headers = { Location: `${link.url}/v1/messages` };
    link.set({ fault: { status: 308, headers } }, '/moved');
    const address = (await endpoint?.(pipeline)) ?? `${link.url}/v1/messages`;
    pages.set(
      '/debugged',
      `<!doctype html><title>Shop</title>${head}<script src="${install.script}" data-endpoint="${address}"></script>`,
    );
    await tab.visit(`${from?.(pipeline) ?? origin}/debugged?sendx_debug`);
    await shows(tab, `${PANEL}.includes(${JSON.stringify(sentence)})`, true);
    expect(await tab.run(`${PANEL}.includes('Checking')`)).toBe(false);
  });

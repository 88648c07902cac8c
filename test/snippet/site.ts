import type { Lost, Message, Result } from '../../src/protocol.ts';
import type { SendxEvent } from '../../src/snippet/events.ts';
import { install } from '../../src/snippet/tracker.ts';
import { type Clock, createClock, idle } from './clock.ts';
import { type CookieJar, createCookieJar } from './cookieJar.ts';
import { createSiteStorage, type SiteStorage } from './siteStorage.ts';

/** 2025-11-24: when every test begins. */
export const START = 1_763_955_600_000;

/** The proxy's endpoint on every site. */
export const ENDPOINT = 'https://t.example.com/v1/messages';

/** A page that turns in circles is to fail its test, not to fill the machine. */
const MAX_REQUESTS = 10_000;

const SCRIPT = 'https://t.example.com/v1/sendx.js';

/** One request of a page. */
export interface Request {
  readonly page: Page;
  readonly via: 'fetch' | 'beacon';
  readonly url: string;
  readonly body: string;
  readonly init: RequestInit | undefined;
  /** By the visitor's clock. */
  readonly at: number;
  readonly messages: readonly Message[];
  readonly lost: Lost;
}

/** A visitor's browser on one site: what its tabs share, and the way to the proxy. */
export interface Site {
  readonly clock: Clock;
  readonly storage: SiteStorage;
  readonly jar: CookieJar;
  /** In the order they were made. */
  readonly requests: readonly Request[];
  /** What a fetch brings; takes everything unless replaced. */
  answer: (request: Request) => Response | Promise<Response>;
  /** Whether the browser takes a beacon. */
  beacon: (request: Request) => boolean;
  /** What `random` gives from its second use on; its first names the tab. */
  random: number;
  open(setup?: Setup): Page;
}

/** How a page differs from others. */
export interface Setup {
  /** The script's `data-*` attributes; {@link ENDPOINT} is there unless replaced. */
  readonly data?: Readonly<Record<string, string>>;
  /** What stands in `window` before the script comes. */
  readonly globals?: object;
  /** What runs before the script comes. */
  readonly before?: (window: Page['window']) => void;
  /** `false`: the script never comes; `missing`: its tag is not there either. */
  readonly script?: false | 'missing';
  /** Of the script's tag. */
  readonly type?: string;
  readonly prerendering?: boolean;
  /** Whether Global Privacy Control is on. */
  readonly gpc?: boolean;
}

/** A page with the script in it. */
export interface Page {
  readonly window: Window & typeof globalThis & { sendx: Sendx; _scq: unknown[] };
  /** What became of the calls, from the start. */
  readonly events: readonly SendxEvent[];
  sendx(...call: unknown[]): void;
  /** Ids and reasons of one kind of event: `['id', 'reason']`. */
  told(event: SendxEvent['event']): (readonly [string | undefined, string | undefined])[];
  hide(): void;
  show(): void;
  online(): void;
  /** Comes back from the back/forward cache. */
  restore(): void;
  /** Activates a page that was prerendered. */
  activate(): void;
  /** The page goes, for ever. */
  leave(): void;
  /** The page stops in its tracks: no event, no timer, no answer. */
  crash(): void;
}

type Sendx = ((...call: unknown[]) => void) & { q?: unknown };

/** A receipt that says one thing of every message. */
export const receipt = (
  { messages }: Pick<Request, 'messages'>,
  result: (message: Message) => object | undefined = () => ({ status: 'accepted' }),
): Response => {
  const results = messages.flatMap((message) => {
    const one = result(message);
    return one ? [{ id: message.id, ...one } as Result] : [];
  });
  return Response.json({ results }, { status: 202 });
};

/** An answer without a receipt. */
export const answer = (status: number, headers: Record<string, string> = {}, body = '') =>
  new Response(body, { status, headers });

/** What a browser's fetch does where nobody answers. */
export const unreachable = (): Promise<Response> =>
  Promise.reject(new TypeError('Failed to fetch'));

/** An answer that never comes. */
export const silence = (): Promise<Response> => new Promise(() => {});

/** Starts a site without pages. */
export function createSite(): Site {
  const clock = createClock(START);
  const storage = createSiteStorage();
  const jar = createCookieJar();
  const requests: Request[] = [];
  let tabs = 0;

  const site: Site = {
    clock,
    storage,
    jar,
    requests,
    random: 0.5,
    answer: (request) => receipt(request),
    beacon: () => true,
    open(setup = {}) {
      const events: SendxEvent[] = [];
      tabs += 1;
      let tab: number | undefined = tabs / 1000;
      const random = () => {
        const value = tab ?? site.random;
        tab = undefined;
        return value;
      };
      let alive = true;
      const note = (via: Request['via'], url: string, body: string, init?: RequestInit) => {
        const { messages = [], lost = { expired: 0, evicted: 0 } } = JSON.parse(body);
        const request = { page, via, url, body, init, at: clock.now(), messages, lost };
        requests.push(request);
        return request;
      };
      const target = new EventTarget();
      const dataset = { endpoint: ENDPOINT, ...setup.data };
      const attributes = Object.entries(setup.data ?? {}).map(
        ([key, value]) => ` data-${key}="${value}"`,
      );
      const script = {
        src: SCRIPT,
        dataset,
        outerHTML: `<script${setup.type ? ` type="${setup.type}"` : ''} async src="${SCRIPT}"${attributes.join('')}></script>`,
      };
      const document = {
        currentScript: script,
        querySelector: () => (setup.script === 'missing' ? null : script),
        hidden: setup.prerendering ?? false,
        prerendering: setup.prerendering ?? false,
        get cookie() {
          return jar.cookie;
        },
        set cookie(text) {
          jar.cookie = text;
        },
      };
      const window = Object.assign(target, {
        document,
        location: { search: '' },
        ShadowRoot: class {},
        // The stub's; the script is told the time.
        Date: class {
          valueOf = clock.now;
        },
        navigator: {
          globalPrivacyControl: setup.gpc,
          sendBeacon: (url: string, body: string) =>
            alive && site.beacon(note('beacon', url, body)),
        },
        fetch: (url: string, init: RequestInit) =>
          new Promise((resolve, reject) => {
            if (!alive || requests.length > MAX_REQUESTS) return;
            const request = note('fetch', url, `${init.body}`, init);
            const come = async () => site.answer(request);
            come().then(
              (response) => alive && resolve(response),
              (error) => alive && reject(error),
            );
          }),
        ...setup.globals,
      });
      Object.defineProperty(window, 'localStorage', {
        get: () => (alive ? storage.open() : undefined),
      });

      const as = <T>(action: () => T) => clock.as(page, action);
      const happen = (type: string, hidden = document.hidden, persisted = false) =>
        as(() => {
          document.hidden = hidden;
          target.dispatchEvent(Object.assign(new Event(type), { persisted }));
        });
      const end = () => {
        alive = false;
        clock.end(page);
      };
      const page: Page = {
        window: window as unknown as Page['window'],
        events,
        sendx: (...call) => as(() => page.window.sendx(...call)),
        told: (event) =>
          events.filter((one) => one.event === event).map(({ id, reason }) => [id, reason]),
        hide: () => happen('visibilitychange', true),
        show: () => happen('visibilitychange', false),
        online: () => happen('online'),
        restore: () => happen('pageshow', document.hidden, true),
        activate() {
          document.prerendering = false;
          happen('prerenderingchange', false);
        },
        leave() {
          page.hide();
          happen('pagehide');
          end();
        },
        crash: end,
      };
      as(() => {
        setup.before?.(page.window);
        if (setup.script !== undefined) return;
        install(page.window, page.window.document.currentScript, clock.now, random);
        page.window.sendx('on', '*', (event: SendxEvent) => events.push(event));
      });
      return page;
    },
  };
  return site;
}

export { idle };

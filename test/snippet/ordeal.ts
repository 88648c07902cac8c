import { expect } from 'vitest';
import { createReceiver, type Weather } from './receiver.ts';
import { createSite, type Page, type Request, silence } from './site.ts';
import type { Health } from './siteStorage.ts';

/** What a page does within one task. */
export type Act =
  | { readonly do: 'track'; readonly bytes: number }
  | { readonly do: 'identify'; readonly email: string }
  | { readonly do: 'flush' | 'reset' | 'hide' | 'show' | 'online' | 'leave' | 'crash' };

/** One step of a visit with several tabs. `tab` counts those that are open, and wraps. */
export type Step =
  | { readonly do: 'open' }
  | { readonly do: 'task'; readonly tab: number; readonly acts: readonly Act[] }
  | { readonly do: 'weather'; readonly weather: Weather }
  | { readonly do: 'pass' | 'set'; readonly ms: number }
  | { readonly do: 'health'; readonly health: Health }
  /** Beacons of more bytes are refused from now on. */
  | { readonly do: 'quota'; readonly bytes: number };

/** More requests than any of these visits needs: something turns in circles. */
const MAX_REQUESTS = 3_000;

/** More than the calls of one task, twice. */
const BORROWED_MS = 200;

const HOUR_MS = 60 * 60 * 1000;

/**
 * Plays a visit, then lets the sun shine until nothing moves any more, and judges: what was called
 * has been settled or given up with a reason; each tab's messages arrived in order; nothing is
 * left, and nothing is said for ever.
 */
export async function playOrdeal(steps: readonly Step[], random: number): Promise<void> {
  const site = createSite();
  site.random = random;
  const receiver = createReceiver();
  let quota = Number.POSITIVE_INFINITY;
  /** What is thrown at a page's fetch counts as a dead network, so it is kept for the end. */
  const complaints: string[] = [];
  const flying = new Map<Page, Request>();
  /** What a beacon took and lost: its page cannot know, so a later one may overtake it. */
  const unheard = new Set<string>();
  const judgeRequest = (request: Request, mostMessages: number, mostBytes: number) => {
    const { page, via, messages, body } = request;
    if (messages.length > mostMessages || Buffer.byteLength(body) > mostBytes)
      complaints.push(`a ${via} of ${messages.length} messages, ${body.length} characters`);
    if (via === 'fetch' && flying.has(page)) complaints.push('two flights at a time');
    if (site.requests.length > MAX_REQUESTS) complaints.push('no end of requests');
  };
  site.answer = async (request) => {
    judgeRequest(request, 50, 16 * 1024);
    if (complaints.length) return silence();
    flying.set(request.page, request);
    const land = () => {
      if (flying.get(request.page) === request) flying.delete(request.page);
    };
    // A request that hangs is given up by its page.
    setTimeout(land, 30_000);
    try {
      return await receiver.fetch(request);
    } finally {
      land();
    }
  };
  site.beacon = (request) => {
    judgeRequest(request, 100, 64 * 1024);
    if (Buffer.byteLength(request.body) > quota) return false;
    if (!receiver.beacon(request)) for (const { id } of request.messages) unheard.add(id);
    return true;
  };

  const pages: Page[] = [];
  let open: Page[] = [];
  /** Messages that died with their page, since there was nowhere to store them. */
  const forgotten = new Set<string>();
  const told = (page: Page, kind: 'held' | 'stored') => page.told(kind).map(([id]) => id as string);
  const callsOf = (page: Page) => [...told(page, 'held'), ...told(page, 'stored')];
  const givenUp = () =>
    new Set(pages.flatMap((page) => page.told('dropped').map(([id]) => id as string)));
  const storedIds = () =>
    new Set(
      Object.entries(site.storage.items).flatMap(([key, text]) =>
        key.includes('-') ? (JSON.parse(text) as { id: string }).id : [],
      ),
    );
  const gone = (page: Page) => {
    open = open.filter((one) => one !== page);
    const stored = storedIds();
    const living = new Set(open.flatMap(callsOf));
    for (const id of pages.flatMap(callsOf))
      if (!stored.has(id) && !living.has(id)) forgotten.add(id);
  };
  const act = (page: Page, one: Act) => {
    switch (one.do) {
      case 'track':
        return page.sendx('track', { addTags: ['x'.repeat(one.bytes)] });
      case 'identify':
        return page.sendx('identify', { email: one.email });
      case 'flush':
      case 'reset':
        return page.sendx(one.do);
      case 'leave':
      case 'crash':
        page[one.do]();
        return gone(page);
      default:
        return page[one.do]();
    }
  };

  let isWell = true;
  for (const step of steps) {
    if (step.do === 'open' && open.length < 4) {
      const page = site.open();
      pages.push(page);
      open.push(page);
    } else if (step.do === 'task') {
      const page = open[step.tab % open.length];
      for (const one of step.acts) if (page && open.includes(page)) act(page, one);
    } else if (step.do === 'weather') receiver.weather = step.weather;
    else if (step.do === 'pass') await site.clock.pass(step.ms);
    else if (step.do === 'set') site.clock.set(step.ms);
    else if (step.do === 'quota') quota = step.bytes;
    else if (step.do === 'health') {
      site.storage.health = step.health;
      isWell &&= step.health === 'well';
    }
    // Calls within a millisecond borrow from the next ones; no two tabs are that close.
    await site.clock.pass(step.do === 'task' ? BORROWED_MS : 0);
    expect(complaints).toEqual([]);
  }

  receiver.weather = { kind: 'clear' };
  site.storage.health = 'well';
  // A page that was told that it is misconfigured keeps still for good.
  for (const page of open.filter((one) =>
    one.told('error').some(([, reason]) => reason === 'misconfigured'),
  )) {
    page.crash();
    gone(page);
  }
  const last = site.open();
  pages.push(last);
  last.sendx('identify', { email: 'last@example.com' });
  for (const page of open) {
    page.show();
    // What it holds in memory alone nobody else can release.
    if (!isWell) page.sendx('identify', {});
  }
  await site.clock.pass(2 * HOUR_MS);

  const dropped = givenUp();
  const unsettled = pages
    .flatMap(callsOf)
    .filter((id) => !receiver.isSettled(id) && !dropped.has(id));
  expect(
    unsettled.filter((id) => isWell || !forgotten.has(id)),
    'settled or given up',
  ).toEqual([]);

  if (isWell) {
    const place = new Map(receiver.arrivals.map((id, index) => [id, index]));
    for (const ids of pages.flatMap((page) => [told(page, 'held'), told(page, 'stored')])) {
      // What one tab gave up another may have sent already.
      const places = ids.flatMap((id) =>
        dropped.has(id) || unheard.has(id) ? [] : (place.get(id) ?? []),
      );
      expect(places, 'in order').toEqual([...places].sort((one, other) => one - other));
    }
    const { expired, evicted } = receiver.reported;
    const lost = pages
      .flatMap((page) => page.told('dropped'))
      .filter(([, reason]) => reason === 'expired' || reason === 'evicted');
    expect(expired + evicted, 'losses reported').toBeGreaterThanOrEqual(lost.length);
  }

  expect(site.storage.keys(), 'no key is left').toEqual(['sendx:identity']);
  const { length } = site.requests;
  last.sendx('flush');
  await site.clock.pass(HOUR_MS);
  for (const page of [...open, last]) page.leave();
  expect(complaints).toEqual([]);
  expect(site.requests, 'nothing is said for ever').toHaveLength(length);
}

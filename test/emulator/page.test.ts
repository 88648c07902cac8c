import { type HTMLElement, Window } from 'happy-dom';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createEmulator } from '../../src/emulator/app.ts';
import type { Emulator, EmulatorOptions } from '../../src/emulator/emulator.ts';
import { createRestCaller } from './caller.ts';

const JANE = 'jane@example.com';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An EventSource over the emulator's own stream. */
function eventSourceOf(emulator: Emulator) {
  return function EventSource(path: string) {
    const listeners = new Map<string, (event: { data: string }) => void>();
    const read = async () => {
      const response = await emulator.fetch(`http://sendx${path}`);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      closers.push(() => reader.cancel());
      listeners.get('open')?.({ data: '' });
      const decoder = new TextDecoder();
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const events = (text + decoder.decode(part.value, { stream: true })).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const [, name = ''] = /^event: (.*)$/m.exec(event) ?? [];
          const [, data = ''] = /^data: (.*)$/m.exec(event) ?? [];
          listeners.get(name)?.({ data });
        }
      }
    };
    void read();
    return {
      addEventListener: (name: string, listener: (event: { data: string }) => void) =>
        listeners.set(name, listener),
    };
  };
}

/** Opens the page as a browser does: its HTML, then its inline script, live on its emulator. */
async function openPage(options: EmulatorOptions = {}) {
  const emulator = createEmulator(options);
  const html = await (await emulator.fetch('http://sendx/')).text();
  const window = new Window();
  closers.push(() => window.happyDOM.close());
  const { document } = window;
  document.documentElement.innerHTML = html;
  const script = document.querySelector('script')?.textContent ?? '';

  const globals = {
    document,
    EventSource: eventSourceOf(emulator),
    fetch: (path: string, init: RequestInit) => emulator.fetch(`http://sendx${path}`, init),
    requestAnimationFrame: window.requestAnimationFrame.bind(window),
    setTimeout: window.setTimeout.bind(window),
    setInterval: window.setInterval.bind(window),
  };
  new Function(...Object.keys(globals), script)(...Object.values(globals));

  const text = (selector: string) => document.querySelector(selector)?.textContent ?? '';
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  const shows = (check: () => void) => vi.waitFor(check, { timeout: 5_000 });
  const press = (label: string) =>
    all('button')
      .find((made) => made.textContent === label)
      ?.click();
  await shows(() => expect(text('#rules-note')).not.toBe(''));
  return { emulator, document, text, all, shows, press, ...createRestCaller(emulator) };
}

describe('live page', () => {
  test('shows contacts, requests and automations as they change', async () => {
    const { identify, track, text, all, shows } = await openPage();
    expect(text('#link-text')).toBe('Live');
    expect(text('#count-contacts')).toBe('0');

    await identify({ email: JANE, tags: ['trial user'], customFields: { Age: '29' } });
    await identify({
      email: JANE,
      firstName: 'Jane',
      lastName: 'Roe',
      customFields: { Age: '30' },
    });
    await track(JANE, { addTags: ['Account Upgrade'], removeTags: ['trial user'] });
    await track('nobody@example.com', { addTags: ['x'] });

    await shows(() => expect(all('#journal > li')).toHaveLength(4));
    await shows(() => expect(text('#cards h3')).toBe('Jane Roe'));
    expect(text('#cards .mail')).toBe(JANE);
    expect(text('#cards .fields')).toBe('Age30');
    expect(all('#cards .chip').map((chip) => chip.textContent)).toEqual([
      'Account Upgrade (new)',
      'trial user (removed)',
      'List: Paid users',
    ]);
    expect(text('#journal > li')).toContain('404');
    expect(text('#journal > li')).toContain('email: no such contact');
    expect(all('#fired > li')).toHaveLength(2);
    expect(all('#automations .times').map(({ textContent }) => textContent)).toEqual([
      '0 runs',
      '1 run',
      '1 run',
      '0 runs',
    ]);
    expect(['contacts', 'requests', 'fired'].map((name) => text(`#count-${name}`))).toEqual([
      '1',
      '4',
      '2',
    ]);
  });

  test('shows what happened before it was opened, and says changes aloud', async () => {
    const { emulator, identify, document, text, shows } = await openPage();
    await identify({ email: JANE });
    await shows(() => expect(text('#announcer')).toBe(`${JANE} created.`));
    await identify({ email: JANE, tags: ['lead'] });
    await shows(() => expect(text('#announcer')).toBe(`${JANE} updated.`));
    expect(document.querySelector('#announcer')?.getAttribute('aria-live')).toBe('polite');
    emulator.reset();
    await shows(() => expect(text('#count-contacts')).toBe('0'));
    await shows(() => expect(text('#cards')).toBe(''));
  });

  test('shows whatever an attacker writes as text', async () => {
    const attack = '<img src=x onerror="alert(1)"><script>alert(1)</script><b>x</b>';
    const { emulator, identify, document, text, all, shows } = await openPage({
      automations: [
        {
          name: attack,
          on: 'added',
          tag: attack,
          actions: [{ do: 'add-to-list', name: attack }],
        },
      ],
    });
    const before = document.querySelectorAll('*').length;
    await identify({
      email: JANE,
      firstName: attack,
      lastName: attack,
      company: attack,
      tags: [attack],
      lists: [attack],
      customFields: { [attack]: attack },
    });
    await identify({ email: attack });
    await emulator.fetch(`http://sendx/api/v1/rest/${attack}?${attack}=${attack}`, {
      method: 'POST',
      body: attack,
    });
    await shows(() => expect(all('#journal > li')).toHaveLength(3));
    await shows(() => expect(text('#cards .fields')).toContain(attack));
    for (const details of all('#journal details')) details.setAttribute('open', '');
    for (const details of all('#journal details')) {
      details.dispatchEvent(new (document.defaultView as Window).Event('toggle'));
    }
    await shows(() => expect(all('#journal pre')).toHaveLength(3));
    for (const { textContent } of all('#journal pre'))
      expect(textContent).toContain('REST surface, which takes');
    await shows(() => expect(text('#announcer')).toContain(attack));

    expect(document.querySelectorAll('*').length).toBeGreaterThan(before);
    expect(all('main img, main script, main b, #announcer *')).toEqual([]);
    expect(text('#cards h3')).toBe(`${attack} ${attack}`);
    expect(text('#automations strong')).toBe(attack);
    expect(text('#fired')).toContain(attack);
  });

  test('its buttons make SendX fail, recover and forget', async () => {
    const { emulator, identify, press, text, all, shows } = await openPage();
    press('SendX down for 10 s');
    await shows(() => expect(text('#armed')).toMatch(/^Answer 503 \(\d+ s left\)$/));
    expect((await identify({ email: JANE })).status).toBe(503);
    press('Clear faults');
    await shows(() => expect(emulator.faults()).toEqual([]));
    expect((await identify({ email: JANE })).status).toBe(200);
    press('Lose the next answer');
    await shows(() => expect(text('#armed')).toContain('cut, though applied (1 more call)'));
    press('Reset everything');
    await shows(() => expect(all('#journal > li')).toEqual([]));
    expect(emulator.contacts()).toEqual([]);
    expect(text('#armed')).toBe('');
  });

  test('its selects flip rules', async () => {
    const { emulator, document, text, shows } = await openPage();
    const select = document.querySelector('#rule-badEmail') as unknown as HTMLSelectElement;
    expect(document.querySelector('label[for="rule-badEmail"]')).not.toBeNull();
    select.value = '400';
    select.dispatchEvent(new (document.defaultView as Window).Event('change') as unknown as Event);
    const current = () => emulator.rules().find(({ id }) => id === 'badEmail')?.current;
    await shows(() => expect(current()).toBe('400'));
    const { length } = emulator.rules();
    await shows(() =>
      expect(text('#rules-note')).toBe(`${length} rules, ${length - 1} at their default`),
    );
  });

  test('counts the hour after midnight as the first of the day', async () => {
    const at = new Date(2026, 0, 2, 0, 5, 9).getTime();
    const { identify, text, shows } = await openPage({ clock: () => at });
    await identify({ email: JANE });
    await shows(() => expect(text('#journal .time')).toBe('00:05:09'));
  });

  test('its filter finds by name, address and tag', async () => {
    const { identify, document, all, shows } = await openPage();
    await identify({ email: JANE, firstName: 'Jane', tags: ['VIP'] });
    await identify({ email: 'joe@example.com' });
    await shows(() => expect(all('#cards > li')).toHaveLength(2));
    const filter = document.querySelector('#filter') as unknown as HTMLInputElement;
    const finds = (words: string, names: readonly string[]) => {
      filter.value = words;
      filter.dispatchEvent(new (document.defaultView as Window).Event('input') as unknown as Event);
      return shows(() => expect(all('#cards h3').map((title) => title.textContent)).toEqual(names));
    };
    await finds('vip jane', ['Jane']);
    await finds('JOE@', ['joe@example.com']);
    await finds('nobody', []);
    await finds('', ['joe@example.com', 'Jane']);
  });
});

describe('document', () => {
  test('runs its own script only, under a nonce that is new each time', async () => {
    const emulator = createEmulator();
    const nonces = new Set<string>();
    for (let visit = 0; visit < 2; visit += 1) {
      const response = await emulator.fetch('http://sendx/');
      const policy = response.headers.get('Content-Security-Policy') ?? '';
      const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
      const html = await response.text();
      nonces.add(nonce);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(html.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonce}">`]);
      expect(html.match(/<style[^>]*>/g)).toEqual([`<style nonce="${nonce}">`]);
    }
    expect(nonces.size).toBe(2);
  });

  test('needs nothing from elsewhere and parses no markup', async () => {
    const html = await (await createEmulator().fetch('http://sendx/')).text();
    expect(html).not.toMatch(/https?:|(?:src|href)="(?!#|data:)|@import|url\(/);
    expect(html).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/);
    expect(html).not.toMatch(/\son[a-z]+=|\sstyle=/);
  });

  test('does not have the key or the team', async () => {
    const emulator = createEmulator({ apiKey: 'S3cret-key', teamId: 'S3cret-team' });
    expect(await (await emulator.fetch('http://sendx/')).text()).not.toContain('S3cret');
  });
});

import { Window } from 'happy-dom';
import { describe, expect, it } from 'vitest';
import { type DebugSource, loadDebug } from '../../src/snippet/debugLoader.ts';
import { createEvents } from '../../src/snippet/events.ts';
import type { Options } from '../../src/snippet/options.ts';

interface Asked {
  readonly url?: string;
  readonly options?: Options;
  /** The running script; none without. */
  readonly script?: { readonly src: string; readonly nonce: string };
}

const load = ({ url = 'https://www.example.com/', options = {}, script }: Asked) => {
  const window = new Window({ url });
  const { document } = window;
  const events = createEvents();
  const source = {
    options,
    store: { get: () => undefined, keys: () => [] },
    consent: { state: () => 'granted' },
  };
  const debug = loadDebug(
    window as never,
    events,
    (script ?? null) as never,
    source as Omit<DebugSource, 'events'>,
  );
  const scripts: Iterable<{ src: string; nonce?: string }> =
    document.head.querySelectorAll('script');
  const loaded = Array.from(scripts, ({ src, nonce }) => [src, nonce]);
  return { debug, loaded, ...events };
};

const ENDPOINT = { endpoint: 'https://t.example.com/v1/messages' };

describe('loadDebug', () => {
  it('keeps and loads nothing where nobody asks', () => {
    const { debug, loaded } = load({ options: ENDPOINT });
    expect(debug).toBeUndefined();
    expect(loaded).toEqual([]);
  });

  it.each([false, undefined, null, 'false'])(
    'keeps and loads nothing where debug is %j',
    (debug) => {
      const options = { ...ENDPOINT, debug } as Options;
      expect(load({ options })).toMatchObject({ debug: undefined, loaded: [] });
    },
  );

  it.each<readonly [string, Asked]>([
    ['data-debug', { options: { ...ENDPOINT, debug: '' } }],
    ['data-debug="true"', { options: { ...ENDPOINT, debug: 'true' } }],
    ['config', { options: { ...ENDPOINT, debug: true } }],
    ['?sendx_debug', { options: ENDPOINT, url: 'https://www.example.com/?a=1&sendx_debug' }],
  ])('loads the panel where %s asks, next to the endpoint', (_who, asked) => {
    expect(load(asked).loaded).toEqual([['https://t.example.com/v1/debug.js', '']]);
  });

  it('loads it next to our script, with its nonce', () => {
    const { loaded } = load({
      options: { endpoint: 'https://elsewhere.example/messages', debug: '' },
      script: { src: 'https://t.example.com/1.2.3/sendx.js', nonce: 'abc' },
    });
    expect(loaded).toEqual([['https://t.example.com/1.2.3/debug.js', 'abc']]);
  });

  it('keeps every event from then on', () => {
    const { debug, emit } = load({ options: { ...ENDPOINT, debug: '' } });
    emit('stored', 'm1');
    emit('accepted', 'm1', 'duplicate');
    expect(debug?.events.map(({ event }) => event)).toEqual(['stored', 'accepted']);
  });
});

import type { Consent } from './consent.ts';
import type { Events, SendxEvent } from './events.ts';
import type { Options } from './options.ts';
import type { Storage } from './storage.ts';

/** What the debug panel looks at; its members keep their names in the built script. */
export interface DebugSource {
  /** From the moment on that somebody asked for the panel. */
  readonly events: SendxEvent[];
  readonly options: Options;
  readonly store: Pick<Storage, 'get' | 'keys'>;
  readonly consent: Pick<Consent, 'state'>;
}

/**
 * Where `data-debug`, `config` or `?sendx_debug` asks for it, the last on the page that a form or
 * link leads to as well: keeps events from now on and loads the panel, a script next to ours, or next
 * to the endpoint where ours is inline or in a bundle.
 *
 * @param ours - The script that installed: later on another one runs, or none. `null` in a bundle.
 * @returns `undefined` where nobody asks.
 */
export function loadDebug(
  { document, location }: Window,
  { on }: Events,
  ours: HTMLOrSVGScriptElement | null,
  source: Omit<DebugSource, 'events'>,
): DebugSource | undefined {
  const { options } = source;
  if (
    // false, null and undefined, which templates write into attributes as words.
    /^[fnu]/.test(options.debug as string) &&
    !/sendx_debug/.test(location.search + document.referrer)
  )
    return undefined;
  const { src, nonce = '' } = (ours || {}) as HTMLScriptElement;
  const script = document.createElement('script');
  script.nonce = nonce;
  script.src = new URL('debug.js', src || options.endpoint) as never;
  document.head.append(script);
  const events: SendxEvent[] = [];
  on('*', (event: SendxEvent) => events.push(event));
  return { events, ...source };
}

import type { Result } from '../../src/protocol.ts';
import { answer, type Request, receipt, unreachable } from './site.ts';

/** How the way to the proxy and the proxy itself are. */
export type Weather =
  | { readonly kind: 'clear' }
  /** Everything arrives; the answer takes a while, or never comes. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'mute' }
  /** Everything arrives, and the connection breaks before the answer. */
  | { readonly kind: 'half' }
  /** Nothing arrives; beacons are taken by the browser and lost. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** More bytes than this are too many: 413. */
  | { readonly kind: 'narrow'; readonly bytes: number }
  /** Of three messages one is taken, one refused, and one is to come later or not even named. */
  | { readonly kind: 'picky'; readonly word: 'later' | 'nothing' };

/** A proxy that keeps ids for ever, and notes what it saw. */
export interface Receiver {
  weather: Weather;
  /** Ids in the order in which they were first seen. */
  readonly arrivals: readonly string[];
  /** What it took, or refused for good. */
  isSettled(id: string): boolean;
  /** Losses that it took a report of. */
  readonly reported: { expired: number; evicted: number };
  fetch(request: Request): Response | Promise<Response>;
  /** `false`: lost in silence. What would fail by fetch does so by beacon, so none overtakes. */
  beacon(request: Request): boolean;
}

/** Starts in clear weather. */
export function createReceiver(): Receiver {
  const settled = new Map<string, 'accepted' | 'refused'>();
  const arrivals: string[] = [];
  const reported = { expired: 0, evicted: 0 };

  const judge = (id: string): Partial<Result> | undefined => {
    const known = settled.get(id);
    if (known === 'accepted') return { status: 'duplicate' };
    const { weather } = receiver;
    const verdict = weather.kind === 'picky' && !known ? Number.parseInt(id.slice(-1), 36) % 3 : 0;
    if (verdict === 2 && weather.kind === 'picky')
      return weather.word === 'later' ? { status: 'later' } : undefined;
    settled.set(id, known ?? (verdict === 1 ? 'refused' : 'accepted'));
    return settled.get(id) === 'refused'
      ? { status: 'refused', code: 'tag_not_allowed', message: 'no' }
      : { status: 'accepted' };
  };
  const take = (request: Request): Response => {
    const { expired, evicted } = request.lost;
    if (expired < 0 || evicted < 0) throw new Error(`no envelope: ${request.body}`);
    reported.expired += expired;
    reported.evicted += evicted;
    for (const { id } of request.messages) if (!arrivals.includes(id)) arrivals.push(id);
    return receipt(request, ({ id }) => judge(id));
  };

  const receiver: Receiver = {
    weather: { kind: 'clear' },
    arrivals,
    isSettled: (id) => settled.has(id),
    reported,
    beacon(request) {
      const arrives = /slow|mute|half|clear|picky/.test(receiver.weather.kind);
      if (arrives) take(request);
      return arrives;
    },
    fetch(request) {
      const { weather } = receiver;
      switch (weather.kind) {
        case 'cut':
          return unreachable();
        case 'status':
          return answer(
            weather.status,
            weather.retryAfterS ? { 'Retry-After': `${weather.retryAfterS}` } : {},
          );
        case 'narrow':
          return Buffer.byteLength(request.body) > weather.bytes ? answer(413) : take(request);
        case 'half':
          take(request);
          return unreachable();
        case 'mute':
          take(request);
          return new Promise(() => {});
        case 'slow': {
          const response = take(request);
          return new Promise((resolve) => setTimeout(() => resolve(response), weather.ms));
        }
        default:
          return take(request);
      }
    },
  };
  return receiver;
}

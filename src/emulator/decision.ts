import type { AutomationRunner } from './automations.ts';
import type { Body } from './body.ts';
import type { Bucket } from './bucket.ts';
import type { Change, ContactStore } from './contacts.ts';
import { type Answer, type Failure, fail, failureAnswer, type Parsed } from './failure.ts';
import { parseIdentify, parseTrack } from './requests.ts';
import type { Rules } from './rules.ts';
import type { Surface } from './surface.ts';

/** An API request, read but not yet judged. */
export interface Call {
  readonly surface: Surface;
  readonly method: string;
  /** What follows the surface's root, such as `/contact/identify`. */
  readonly route: string;
  readonly contentType: string;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly authorised: boolean;
}

/** What SendX makes of a call. */
export interface Decision {
  readonly answer: Answer;
  /** Why it was turned down. */
  readonly failure?: Failure;
  readonly change?: Change;
}

/** The parts that decide. */
export interface Deciders {
  readonly rules: () => Rules;
  readonly contacts: ContactStore;
  readonly automations: AutomationRunner;
  readonly bucket: Bucket;
}

/** Route of identify, on both surfaces. */
export const IDENTIFY = '/contact/identify';

/** Route of track, on both surfaces. */
export const TRACK = '/contact/track';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

function readJson({ body, contentType }: Call, rules: Rules): Parsed<unknown> {
  if (body.kind === 'too-large') return fail('too_large', 'body: over 1 MiB');
  if (rules.contentType === 'json-only' && !JSON_TYPE.test(contentType)) {
    return fail('bad_json', 'Content-Type: expected application/json');
  }
  return body.kind === 'json'
    ? { ok: true, value: body.value }
    : fail('bad_json', 'body: not JSON');
}

/**
 * Joins limit, credentials, routes, parsing and store into one step from a call to its answer.
 *
 * @returns A function that applies a call at once.
 */
export function createDecision(deciders: Deciders): (call: Call) => Decision {
  const { rules, contacts, automations, bucket } = deciders;

  function refused(failure: Failure, headers: Answer['headers'] = {}): Decision {
    return { answer: { ...failureAnswer(failure.code, rules()), headers }, failure };
  }

  function succeeded(rest: object, change: Change): Decision {
    const status = Number(rules().successStatus);
    return { answer: { status, body: { status: String(status), message: 'OK', ...rest } }, change };
  }

  function identify({ surface }: Call, json: unknown): Decision {
    const request = parseIdentify(json, rules());
    const result = request.ok ? contacts.identify(request.value) : request;
    if (!result.ok) return refused(result.failure);
    automations.run('identify', result.value);
    return succeeded(surface.identified(result.value.contact, rules()), result.value);
  }

  function track({ surface, query }: Call, json: unknown): Decision {
    const request = parseTrack(surface.trackEmail(query, json), json, rules());
    const result = request.ok ? contacts.track(request.value) : request;
    if (!result.ok) return refused(result.failure);
    automations.run('track', result.value);
    return succeeded(surface.tracked, result.value);
  }

  const routes = new Map([
    [IDENTIFY, identify],
    [TRACK, track],
  ]);

  return (call) => {
    const route = routes.get(call.route);
    if (!route) return refused({ code: 'no_route', detail: 'only identify and track exist here' });
    if (call.method !== 'POST') return refused({ code: 'bad_method', detail: 'expected POST' });

    const token = bucket.take();
    if (!token.ok) {
      const headers: Record<string, string> =
        rules().retryAfter === 'seconds' ? { 'Retry-After': String(token.seconds) } : {};
      return refused({ code: 'limited', detail: 'over the rate limit' }, headers);
    }
    if (!call.authorised) {
      return refused({ code: 'unauthorised', detail: 'wrong or missing API key or team' });
    }
    const json = readJson(call, rules());
    return json.ok ? route(call, json.value) : refused(json.failure);
  };
}

import { type Context, Hono } from 'hono';
import { MESSAGES_PATH, type Message } from '../protocol.ts';
import type { Assets } from './http/assets.ts';
import { readBody } from './http/body.ts';
import { corsHeaders, preflightHeaders } from './http/cors.ts';
import { comesFromScript, createOriginPolicy } from './http/origin.ts';
import { createVisitorAddress } from './http/visitor.ts';
import { errorFields } from './log/errorFields.ts';
import type { Log } from './log.ts';
import { createMessagesRoute } from './messages.ts';
import type { Outbox } from './outbox/outbox.ts';
import { keepSignature } from './policy/keepSignature.ts';
import { type PolicySettings, policyRules } from './policy/policyRules.ts';
import type { Rate } from './policy/rate.ts';
import { createSignatures } from './policy/signature.ts';
import { createJudge } from './policy.ts';
import { createScriptRoutes } from './scripts.ts';
import type { Settings } from './settings.ts';
import { createSettle } from './settlement.ts';
import type { Route, Telemetry } from './telemetry.ts';
import { parseJson } from './validation/json.ts';
import { parseEnvelope } from './validation.ts';

/** The settings that concern the public port. */
export type AppSettings = PolicySettings &
  Pick<Settings, 'allowedOrigins' | 'identitySecrets' | 'trustedHops'>;

/** What the public port is made of. */
export interface AppParts {
  readonly settings: AppSettings;
  readonly outbox: Pick<Outbox, 'append' | 'laneOf'>;
  readonly assets: Assets;
  readonly rates: { readonly ip: Rate; readonly contact: Rate };
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Knows SendX's `++5` and `--5`. */
  readonly holdsIncrement: (message: Message) => boolean;
  /**
   * Whether the outbox gets messages with the signature that was verified; for one that does not
   * store them.
   *
   * @defaultValue false
   */
  readonly keepSignatures?: boolean;
  /** Address of the connection's other end. @defaultValue the socket that @hono/node-server passes */
  readonly peerOf?: (request: Request, env: unknown) => string | undefined;
  /** Milliseconds. @defaultValue `Date.now` */
  readonly clock?: () => number;
}

/** Where the stub of a pinned install posts: next to its script, which may be an older one. */
const PINNED_MESSAGES_PATH = '/:version{\\d[\\w.+-]*}/messages';

const IGNORED_FORWARD =
  'A request carries X-Forwarded-For, which TRUSTED_HOPS=0 ignores. If a proxy of yours added it, RATE_LIMIT_IP counts all visitors as one: set TRUSTED_HOPS to the number of your proxies';

/** The public port as a Hono app: messages in, scripts out, 404 for everything else. */
export function createApp(parts: AppParts): Hono {
  const { settings, outbox, assets, rates, telemetry, log } = parts;
  const { clock = Date.now, keepSignatures = false } = parts;
  const isAllowedOrigin = createOriginPolicy(settings.allowedOrigins);
  const app = new Hono();
  const judge = createJudge(policyRules(settings), parts.holdsIncrement);
  const settle = createSettle({
    rate: rates.contact,
    signatures: createSignatures(settings.identitySecrets),
    judge: keepSignatures ? keepSignature(judge) : judge,
    outbox,
    telemetry,
    log,
    clock,
  });
  const addressOf = createVisitorAddress({
    hops: settings.trustedHops,
    peerOf: parts.peerOf,
    onIgnored: () => log.warn(IGNORED_FORWARD),
  });
  const postMessages = createMessagesRoute({
    isAllowedOrigin,
    comesFromScript,
    addressOf: (c) => addressOf(c.req.raw, c.env),
    rateIp: rates.ip,
    readBody,
    parseJson,
    parseEnvelope,
    settle,
    headers: corsHeaders,
    telemetry,
    log,
  });

  const allowedOrigin = (c: Context) => {
    const origin = c.req.header('origin');
    return isAllowedOrigin(origin) ? origin : undefined;
  };
  const measured =
    (route: Route, handle: (c: Context) => Response | Promise<Response>) => async (c: Context) => {
      const started = clock();
      const response = await handle(c);
      telemetry.request(route, response.status, (clock() - started) / 1000);
      return response;
    };

  for (const path of [MESSAGES_PATH, PINNED_MESSAGES_PATH]) {
    app.post(path, measured('messages', postMessages));
    app.options(
      path,
      measured('messages', (c) => {
        const origin = allowedOrigin(c);
        const headers = corsHeaders(origin);
        return origin === undefined
          ? c.json({ error: 'origin_not_allowed' }, 403, headers)
          : c.body(null, 204, { ...headers, ...preflightHeaders });
      }),
    );
    app.all(
      path,
      measured('messages', (c) => methodNotAllowed(c, 'POST, OPTIONS')),
    );
  }

  for (const { path, answer } of createScriptRoutes(assets)) {
    app.get(path, measured('script', answer));
    app.all(
      path,
      measured('script', (c) => methodNotAllowed(c, 'GET, HEAD')),
    );
  }

  app.notFound(
    measured('other', (c) => c.json({ error: 'not_found' }, 404, corsHeaders(allowedOrigin(c)))),
  );
  app.onError((error, c) => {
    log.error('A request failed', errorFields(error));
    telemetry.request('other', 503, 0);
    return c.json({ error: 'unavailable' }, 503, {
      ...corsHeaders(allowedOrigin(c)),
      'Retry-After': '30',
    });
  });
  return app;

  function methodNotAllowed(c: Context, allow: string): Response {
    return c.json({ error: 'method_not_allowed' }, 405, {
      ...corsHeaders(allowedOrigin(c)),
      Allow: allow,
    });
  }
}

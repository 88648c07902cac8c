import { type Context, Hono, type Next } from 'hono';
import { inspectPage } from './admin/inspectPage.ts';
import type { InstallFacts } from './admin/installFacts.ts';
import { renderInstallPage } from './admin/installPage.ts';
import { renderOperatorPage } from './admin/operatorPage.ts';
import { readOverview } from './admin/overview.ts';
import { createPageGuard } from './admin/pageGuard.ts';
import { parsePageSource } from './admin/pageSource.ts';
import type { Counts } from './admin/tally.ts';
import { errorFields } from './log/errorFields.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { LiveOperator, Operator } from './operator/operator.ts';
import { parseEmail } from './validation/email.ts';
import { isObject, parseJson } from './validation/json.ts';

/** What the admin port is made of. */
export interface AdminParts {
  readonly operator: LiveOperator;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** What became of messages since the start, for the operator's view. */
  readonly counts: () => Counts;
  /** For the install page. */
  readonly install: InstallFacts;
  /** Why no visitor should be sent here now, or `undefined`. */
  readonly unready: () => string | undefined;
  readonly log: Log;
  /** Where the port is bound, and so which names it is asked by. */
  readonly host: string;
}

/** Dead letters in one list at most. */
const MAX_LIST = 1000;

/**
 * The admin port as a Hono app: the operator's view, the install page, health, metrics, dead
 * letters, erasure. It has no passwords:
 * whoever reaches the port may use it, so it is bound to loopback unless told otherwise.
 */
export function createAdmin(parts: AdminParts): Hono {
  const { operator, metrics, counts, install, unready, host, log } = parts;
  const admin = new Hono();
  admin.use(guardAgainstPages(host));

  admin.get('/', () => renderOperatorPage(crypto.randomUUID()));
  admin.get('/overview', async (c) => c.json(await readOverview({ operator, counts })));
  admin.get('/install', () => renderInstallPage(crypto.randomUUID()));
  admin.get('/install/facts', (c) => c.json(install));
  admin.post('/install/check', async (c) => {
    const source = parsePageSource(parseJson(await c.req.text()));
    if (source === undefined) return c.json({ error: 'page' }, 400);
    return c.json({ findings: inspectPage(source, install, source.proxy) });
  });

  admin.get('/livez', (c) => c.text('ok'));
  admin.get('/readyz', async (c) => {
    const reason = unready() ?? (await storeFault(operator));
    return reason === undefined ? c.text('ok') : c.text(reason, 503);
  });
  admin.get('/upstream', (c) => {
    const health = operator.upstream();
    return c.json(health, health.state === 'closed' ? 200 : 503);
  });
  admin.get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  );
  admin.get('/status', async (c) => c.json(await operator.status()));

  admin.get('/dead', async (c) => {
    const limit = Number(c.req.query('limit') ?? 100);
    if (!Number.isInteger(limit) || limit < 1) return c.json({ error: 'limit' }, 400);
    return c.json(await operator.list(Math.min(limit, MAX_LIST)));
  });
  admin.get('/dead/:id', async (c) => {
    const letter = await operator.show(c.req.param('id'));
    return letter ? c.json(letter) : missing(c);
  });
  admin.post('/dead/:id/retry', async (c) =>
    (await operator.retry(c.req.param('id'))) ? c.json({ retried: true }) : missing(c),
  );
  const drop = async (c: Context<object, '/dead/:id'>) =>
    (await operator.drop(c.req.param('id'))) ? c.json({ dropped: true }) : missing(c);
  admin.delete('/dead/:id', drop);
  admin.post('/dead/:id/drop', drop);
  admin.post('/erase', async (c) => {
    const body = parseJson(await c.req.text());
    const email = isObject(body) && typeof body.email === 'string' && parseEmail(body.email);
    if (!email) return c.json({ error: 'email' }, 400);
    return c.json({ erased: await operator.erase(email) });
  });
  // Such as a store that has closed, or is away.
  admin.onError((error, c) => {
    log.error('An admin request failed', errorFields(error));
    return c.json({ error: 'unavailable' }, 503);
  });
  return admin;
}

const missing = (c: Context) => c.json({ error: 'not_found' }, 404);

async function storeFault(operator: Operator): Promise<string | undefined> {
  try {
    await operator.status();
    return undefined;
  } catch {
    return 'the store does not answer';
  }
}

function guardAgainstPages(host: string) {
  const comesFromPage = createPageGuard(host);
  return async (c: Context, next: Next) => {
    const sender = {
      path: c.req.path,
      host: c.req.header('host') ?? '',
      origin: c.req.header('origin'),
      site: c.req.header('sec-fetch-site'),
    };
    if (comesFromPage(sender)) return c.json({ error: 'not_from_a_page' }, 403);
    await next();
    c.res.headers.set('Cache-Control', 'no-store');
    c.res.headers.set('X-Content-Type-Options', 'nosniff');
    return undefined;
  };
}

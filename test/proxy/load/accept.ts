import type { Receipt } from '../../../src/protocol.ts';
import { holdsIncrement } from '../../../src/proxy/delivery/increment.ts';
import { createOriginPolicy } from '../../../src/proxy/http/origin.ts';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import { createAllowList } from '../../../src/proxy/policy/allowList.ts';
import { createJudge } from '../../../src/proxy/policy.ts';
import { parseJson } from '../../../src/proxy/validation/json.ts';
import { parseEnvelope } from '../../../src/proxy/validation.ts';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: Receipt | Record<string, never>;
}

/**
 * The validation, the policy and the store of the proxy, for servers that have nothing else of it.
 *
 * @param path - The store's file; without it nothing is stored.
 */
export async function createAccept(
  origin: string,
  path: string,
): Promise<(from: string | undefined, text: string) => Promise<Answer>> {
  const isAllowedOrigin = createOriginPolicy([origin]);
  const judge = createJudge(
    {
      allowedTags: createAllowList(['newsletter']),
      protectedTags: createAllowList([]),
      allowedFields: createAllowList(['*']),
      requireSignature: false,
      unsignedRename: false,
      unsignedIncrements: false,
    },
    holdsIncrement,
  );
  const outbox = path ? await createSqliteOutbox({ path, holdsIncrement }) : undefined;

  return async (from, text) => {
    if (!isAllowedOrigin(from)) return { status: 403, body: {} };
    const parsed = parseEnvelope(parseJson(text));
    if ('issues' in parsed) return { status: 422, body: {} };
    const kept = parsed.entries.flatMap((entry) => {
      const judged = 'message' in entry ? judge(entry.message, 'none') : undefined;
      return judged && 'message' in judged ? [judged.message] : [];
    });
    await outbox?.append(kept);
    return {
      status: 202,
      body: { results: kept.map(({ id }) => ({ id, status: 'accepted' as const })) },
    };
  };
}

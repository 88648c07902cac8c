// What Hono, its adaptor, metrics, rates, headers and log cost is what this server leaves out.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { holdsIncrement } from '../../../src/proxy/delivery/increment.ts';
import { createOriginPolicy } from '../../../src/proxy/http/origin.ts';
import { createSqliteOutbox } from '../../../src/proxy/outbox/sqlite.ts';
import { createAllowList } from '../../../src/proxy/policy/allowList.ts';
import { createJudge } from '../../../src/proxy/policy.ts';
import { parseJson } from '../../../src/proxy/validation/json.ts';
import { parseEnvelope } from '../../../src/proxy/validation.ts';

const [origin = '', path = ''] = process.argv.slice(2);
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

const server = createServer((request, response) => {
  const answer = (status: number, body: object) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (!isAllowedOrigin(request.headers.origin)) return answer(403, {});
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => {
    text += piece;
  });
  request.on('end', async () => {
    const parsed = parseEnvelope(parseJson(text));
    if ('issues' in parsed) return answer(422, {});
    const kept = parsed.entries.flatMap((entry) => {
      const judged = 'message' in entry ? judge(entry.message, 'none') : undefined;
      return judged && 'message' in judged ? [judged.message] : [];
    });
    await outbox?.append(kept);
    return answer(202, { results: kept.map(({ id }) => ({ id, status: 'accepted' })) });
  });
  return undefined;
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});

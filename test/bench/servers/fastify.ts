// Fastify at its defaults: like the bare server, it has only the validation and store of the proxy.
import type { AddressInfo } from 'node:net';
import { createAccept } from '../../proxy/load/accept.ts';

const [origin = '', path = ''] = process.argv.slice(2);
const accept = await createAccept(origin, path);

// By a variable: the package is the bench's alone, and not there when types are checked.
const name = 'fastify';
const { default: fastify } = (await import(name)) as { default: () => Fastify };

/** The part of Fastify that is used. */
interface Fastify {
  readonly server: { address(): unknown };
  post(path: string, handler: (request: Request, reply: Reply) => Promise<object>): void;
  listen(where: { port: number; host: string }): Promise<string>;
}

interface Request {
  readonly headers: { readonly origin?: string };
  /** Fastify reads `text/plain` as a string. */
  readonly body: string;
}

interface Reply {
  status(code: number): Reply;
}

const app = fastify();
app.post('/v1/messages', async ({ headers, body: text }, reply) => {
  const { status, body } = await accept(headers.origin, text);
  reply.status(status);
  return body;
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`port ${(app.server.address() as AddressInfo).port}\n`);

// What Hono, its adaptor, metrics, rates, headers and log cost is what this server leaves out.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccept } from './accept.ts';

const [origin = '', path = ''] = process.argv.slice(2);
const accept = await createAccept(origin, path);

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => {
    text += piece;
  });
  request.on('end', async () => {
    const { status, body } = await accept(request.headers.origin, text);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});

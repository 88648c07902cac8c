import { connect } from 'node:net';

/** One exchange over a connection of its own. */
export interface Exchange {
  readonly port: number;
  /** Written one after the other. */
  readonly parts: readonly string[];
  /** Milliseconds between two parts. @defaultValue 0 */
  readonly everyMs?: number;
  /** Breaks the connection off after the last part. @defaultValue false */
  readonly aborts?: boolean;
}

/** Resolves to all that came back until the other end closed: whole, or none after a reset. */
export function exchange({ port, parts, everyMs = 0, aborts = false }: Exchange): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let next = 0;
  const write = () => {
    if (next < parts.length && socket.writable) socket.write(parts[next++] ?? '');
    else if (aborts) socket.resetAndDestroy();
  };
  socket.setEncoding('utf8');
  socket.on('data', (piece) => {
    text += piece;
  });
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    if (everyMs > 0) return;
    while (next < parts.length) write();
    if (aborts) write();
  });
  const drip = everyMs > 0 ? setInterval(write, everyMs) : undefined;
  return new Promise((resolve) => {
    socket.once('close', () => {
      clearInterval(drip);
      resolve(text);
    });
  });
}

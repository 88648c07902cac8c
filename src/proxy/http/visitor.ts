import { clientAddress } from './address.ts';

/** What tells a visitor's address. */
export interface VisitorParts {
  /** How many proxies of the operator stand in front; 0 ignores `X-Forwarded-For`. */
  readonly hops: number;
  /** Address of the connection's other end. @defaultValue the socket that @hono/node-server passes */
  readonly peerOf?: ((request: Request, env: unknown) => string | undefined) | undefined;
  /** Told once, when a request carries an `X-Forwarded-For` that is ignored. */
  readonly onIgnored: () => void;
}

/** Makes the reader of the address that counts for a request. */
export function createVisitorAddress({
  hops,
  peerOf,
  onIgnored,
}: VisitorParts): (request: Request, env: unknown) => string {
  // Who brings a source of addresses, as the Worker does, misses nothing by ignoring the header.
  let mustTell = peerOf === undefined && hops === 0;
  const find = peerOf ?? socketPeer;
  return (request, env) => {
    const forwardedFor = request.headers.get('x-forwarded-for') ?? undefined;
    if (mustTell && forwardedFor !== undefined) {
      mustTell = false;
      onIgnored();
    }
    return clientAddress({ peer: find(request, env), forwardedFor, hops });
  };
}

/** @hono/node-server passes Node's request as `env.incoming`. */
function socketPeer(_request: Request, env: unknown): string | undefined {
  const { incoming } = (env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  };
  return incoming?.socket?.remoteAddress;
}

/** Where a request came from: never an input to trust beyond counting. */
export interface AddressSource {
  /** Address of the socket's other end, where there is a socket. */
  readonly peer: string | undefined;
  /** The `X-Forwarded-For` header. */
  readonly forwardedFor: string | undefined;
  /** How many proxies of the operator stand in front; 0 ignores the header. */
  readonly hops: number;
}

/**
 * The client's address: the `hops`-th entry of `X-Forwarded-For` from the right. What stands
 * further left was written by the client. A list that is too short, or an entry that is no
 * address, means that somebody went around the proxies: the peer itself counts then.
 */
export function clientAddress({ peer, forwardedFor, hops }: AddressSource): string {
  const own = peer ?? 'unknown';
  if (hops === 0 || forwardedFor === undefined) return own;
  const entry = forwardedFor.split(',').at(-hops)?.trim();
  const address = entry === undefined ? undefined : withoutPort(entry);
  return address !== undefined && parse(address) !== undefined ? address : own;
}

/**
 * The block that shares one budget: an IPv4 address, or an IPv6 /64, which is what one
 * subscriber gets.
 */
export function addressBlock(address: string): string {
  return mask(address, 4, 4);
}

/** For logs: IPv4 /24, IPv6 /48. */
export function truncatedAddress(address: string): string {
  return mask(address, 3, 3);
}

function mask(address: string, v4Octets: number, v6Groups: number): string {
  const parts = parse(address);
  if (parts === undefined) return 'unknown';
  if (parts.length === 4) {
    return parts.map((octet, index) => (index < v4Octets ? octet : 0)).join('.');
  }
  return `${parts
    .slice(0, v6Groups)
    .map((group) => group.toString(16))
    .join(':')}::`;
}

/** Four octets or eight groups; an IPv4 address mapped into IPv6 is IPv4. */
function parse(address: string): readonly number[] | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const text = mapped ?? address;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const octets = text.split('.').map(Number);
    return octets.every((octet) => octet < 256) ? octets : undefined;
  }
  return parseV6(text.replace(/%.*$/, ''));
}

function parseV6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 39) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (head === undefined) return undefined;
  const given = head.length + (tail?.length ?? 0);
  if (tail === undefined ? given !== 8 : given > 7) return undefined;
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...(tail ?? [])];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}

function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1];
  return bracketed ?? entry.replace(/^([\d.]+):\d+$/, '$1');
}

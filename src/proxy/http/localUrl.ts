/** Addresses to listen on that stand for every interface; nobody can be asked by them. */
const EVERYWHERE = /^(?:0\.0\.0\.0|::)$/;

/** Where this machine reaches what listens on `host`; without a slash at the end. */
export function localUrl(host: string, port: number): string {
  const name = host.replace(EVERYWHERE, '127.0.0.1');
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

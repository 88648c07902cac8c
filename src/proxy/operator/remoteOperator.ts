import type { DeadLetter } from '../outbox/outbox.ts';
import type { Operator, Status } from './operator.ts';

/**
 * An {@link Operator} that asks a running proxy on its admin port.
 *
 * @param url - such as `http://127.0.0.1:8789`.
 * @throws {TypeError} from every method, `fetch`'s own, when nothing listens there.
 */
export function createRemoteOperator(url: string, fetch = globalThis.fetch): Operator {
  const call = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url + path, init);
    if (response.ok || response.status === 404) return response;
    throw new Error(`The proxy on ${url} answered ${response.status} to ${path}.`);
  };
  const found = async (path: string, method: string) =>
    (await call(path, { method })).status !== 404;
  const letter = (id: string) => `/dead/${encodeURIComponent(id)}`;
  return {
    status: async () => (await (await call('/status')).json()) as Status,
    list: async (limit) =>
      (await (await call(`/dead?limit=${limit}`)).json()) as readonly DeadLetter[],
    async show(id) {
      const response = await call(letter(id));
      return response.status === 404 ? undefined : ((await response.json()) as DeadLetter);
    },
    retry: (id) => found(`${letter(id)}/retry`, 'POST'),
    drop: (id) => found(letter(id), 'DELETE'),
    async erase(email) {
      const body = JSON.stringify({ email });
      const headers = { 'Content-Type': 'application/json' };
      const response = await call('/erase', { method: 'POST', body, headers });
      return ((await response.json()) as { readonly erased: number }).erased;
    },
  };
}

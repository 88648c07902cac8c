/** Bytes of an answer that are read at most: SendX's are below 2 KiB. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** What came back, cut loose from the connection. */
export interface Answer {
  readonly status: number;
  readonly retryAfter?: string;
  /** The body as JSON; `undefined` if it is none, is over {@link MAX_ANSWER_BYTES}, or broke off. */
  readonly body: unknown;
}

/**
 * Reads a response. A body that breaks off matters only in a 2xx: any other status speaks alone.
 *
 * @param secret - replaced by `[secret]` wherever the body quotes it.
 * @throws what the connection threw while a 2xx was being read.
 */
export async function readAnswer(response: Response, secret: string): Promise<Answer> {
  // A browser hides the status of a redirect that it was told not to follow.
  const status = response.type === 'opaqueredirect' ? 302 : response.status;
  const retryAfter = response.headers.get('retry-after');
  const text = await readText(response).catch((error: unknown) => {
    if (response.ok) throw error;
    return undefined;
  });
  return { status, ...(retryAfter === null ? {} : { retryAfter }), body: parse(text, secret) };
}

async function readText(response: Response): Promise<string | undefined> {
  if (response.body === null) return undefined;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parse(text: string | undefined, secret: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(secret, '[secret]') : value,
    );
  } catch {
    return undefined;
  }
}

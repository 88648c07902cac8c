/** Bytes of a request body at most (1 MiB): a contact has a few hundred. */
const MAX_BYTES = 1024 * 1024;

/** What came in a request's body. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  /** Not JSON: `text` as it came. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' };

async function readText(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * Reads a request's body to its end or to the bound.
 *
 * @throws whatever the stream throws where the caller leaves in the middle.
 */
export async function readBody(request: Request): Promise<Body> {
  const text = request.body ? await readText(request.body) : '';
  if (text === undefined) return { kind: 'too-large' };
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'text', text };
  }
}

/** The body as the journal keeps it. */
export function journalled(body: Body): unknown {
  if (body.kind === 'json') return body.value;
  return body.kind === 'text' && body.text !== '' ? body.text : null;
}

import { MAX_BODY_BYTES } from '../../protocol.ts';

/** A request's text, or the status and code it is refused with. */
export type Body =
  | { readonly text: string }
  | { readonly status: 408 | 413 | 415; readonly error: string };

/**
 * The first needs no preflight, so that a form can send it too (`enctype="text/plain"`). What stops
 * forms is their `Origin` or, on an allowed site, their fetch metadata: `Sec-Fetch-Mode: navigate`.
 */
const TYPES = new Set(['text/plain', 'application/json']);

/**
 * Reads the body of a message request. With a `Content-Length` it is refused or read in one go
 * (the parser holds the client to the length it gave, RFC 9112 section 6.3); without one its bytes
 * are counted as they come. Touching `request.body` costs @hono/node-server a web stream per
 * request (measured: 8 times the CPU), so only chunked requests pay it.
 */
export async function readBody(request: Request): Promise<Body> {
  const { headers } = request;
  // Nothing is ever decompressed, so that no body can grow.
  if (headers.get('content-encoding') !== null) return { status: 415, error: 'content_encoding' };
  if (!isSupported(headers.get('content-type'))) return { status: 415, error: 'content_type' };
  const declared = headers.get('content-length');
  if (declared !== null && Number(declared) > MAX_BODY_BYTES) return TOO_LARGE;
  try {
    const text = declared === null ? await readCounted(request) : await request.text();
    return text === undefined || text.length > MAX_BODY_BYTES ? TOO_LARGE : { text };
  } catch {
    return { status: 408, error: 'body_incomplete' };
  }
}

const TOO_LARGE = { status: 413, error: 'body_too_large' } as const;

function isSupported(contentType: string | null): boolean {
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (!TYPES.has(type?.trim() ?? '')) return false;
  return parameters.every((parameter) => {
    const [name, value] = parameter.split('=');
    return name?.trim() !== 'charset' || /^"?utf-?8"?$/.test(value?.trim() ?? '');
  });
}

async function readCounted(request: Request): Promise<string | undefined> {
  if (request.body === null) return '';
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

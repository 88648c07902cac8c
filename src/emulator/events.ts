/** What is told to whoever watches. */
export interface Events {
  /** A stream of server-sent events: a snapshot, then each change. */
  open(): Response;
  /** Tells everyone of a change. `data` is made only if anyone watches. */
  emit(name: string, data: () => unknown): void;
  /** Sends everyone a fresh snapshot, where a change is too large to tell. */
  refresh(): void;
}

interface Watcher {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Whether changes were withheld, so that the next thing to send is a snapshot. */
  stale: boolean;
}

/** Bytes that may wait for one watcher (1 MiB); one who reads slower skips to a snapshot. */
const QUEUE_BYTES = 1024 * 1024;

/** Milliseconds until a browser that lost the stream opens it again. */
const RETRY_MS = 1000;

const encoder = new TextEncoder();
const encode = (name: string, data: unknown) =>
  encoder.encode(`event: ${name}\nretry: ${RETRY_MS}\ndata: ${JSON.stringify(data)}\n\n`);

/**
 * Makes a hub nobody watches yet.
 *
 * @param snapshot - All that a watcher shows.
 */
export function createEvents(snapshot: () => unknown): Events {
  const watchers = new Set<Watcher>();

  function catchUp(watcher: Watcher): void {
    watcher.stale = false;
    watcher.controller.enqueue(encode('snapshot', snapshot()));
  }

  const isFull = ({ controller }: Watcher) => (controller.desiredSize ?? 0) <= 0;

  function open(): Response {
    let watcher: Watcher | undefined;
    const stream = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          watcher = { controller, stale: true };
          watchers.add(watcher);
        },
        pull() {
          if (watcher?.stale) catchUp(watcher);
        },
        cancel() {
          if (watcher) watchers.delete(watcher);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
    );
    return new Response(stream, {
      headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' },
    });
  }

  return {
    open,
    emit(name, data) {
      if (watchers.size === 0) return;
      const chunk = encode(name, data());
      for (const watcher of watchers) {
        watcher.stale ||= isFull(watcher);
        if (!watcher.stale) watcher.controller.enqueue(chunk);
      }
    },
    refresh() {
      for (const watcher of watchers) {
        if (isFull(watcher)) watcher.stale = true;
        else catchUp(watcher);
      }
    },
  };
}

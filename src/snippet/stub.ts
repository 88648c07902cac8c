/**
 * The few bytes pasted inline, before the script: `window.sendx` buffers calls, each frozen as JSON
 * at its time. Where the page leaves before the script came, the buffer is stored for the next page
 * and beaconed, unless consent is anything but plainly granted: then only the script may decide.
 *
 * ES5 by hand, since tag managers refuse anything newer in inline code.
 */
window.sendx ||
  (function (document: Document) {
    var buffer: StubEntry[] = [],
      count = 0,
      tab = Math.random().toString(36).slice(2),
      sendx = (window.sendx = function () {
        var now = Date.now();
        sendx.q.push([
          JSON.stringify([[now.toString(36), tab, count++].join('-'), now, arguments]),
          arguments,
        ]);
      } as Stub);
    sendx.v = 1;
    sendx.q = buffer;
    addEventListener('pagehide', function () {
      try {
        var script = document.querySelector('[src*="sendx.js"]') as HTMLScriptElement,
          calls = buffer.map(function (entry) {
            return entry[0];
          }),
          body = '{"v":1,"calls":[' + calls + ']}';
        if (
          // The script replaces the buffer when it comes.
          sendx.q === buffer &&
          !/=denied|data-[cg]|"consent"/.test(document.cookie + script.outerHTML + body)
        ) {
          navigator.sendBeacon(script.src.replace('sendx.js', 'messages'), body);
          localStorage['sendx:stub:' + tab] = body;
        }
      } catch (_) {}
    });
  })(document);

/** The call's JSON `[id, at, arguments]`, and the arguments with the functions that JSON drops. */
type StubEntry = readonly [json: string, call: IArguments];

/** `window.sendx` while it buffers. */
interface Stub {
  (...call: unknown[]): void;
  /** Replaced by the script, which keeps the function: references saved early stay alive. */
  q: { push(entry: StubEntry): unknown };
  /** Of the entries' format. */
  v: number;
}

declare global {
  interface Window {
    sendx?: Stub;
  }
}

export {};

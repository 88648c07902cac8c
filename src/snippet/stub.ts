/**
 * The few bytes pasted inline, before the script: `window.sendx` buffers calls, each frozen as JSON
 * at its time. Where the page leaves before the script came, the buffer is stored for the next page
 * and beaconed, unless consent is anything but plainly granted, or a banner holds the script back as
 * text/plain: then only the script may decide.
 *
 * ES5 by hand, since tag managers refuse anything newer in inline code.
 */
window.sendx ||
  (function () {
    var count = 0,
      tab = (1e9 * Math.random()) | 0,
      calls: string[] = [],
      sendx = ((window as { sendx?: unknown }).sendx = function () {
        // biome-ignore lint/complexity/useDateNow: pages replace Date.now, some by parts of milliseconds.
        var now = +new Date(),
          entry: StubEntry = arguments;
        try {
          entry = [
            JSON.stringify([now.toString(36) + '-' + tab + '-' + count++, now, entry]),
            entry,
          ];
          // The script's own buffer has no map: from then on nothing is kept here.
          sendx.q.map && calls.push(entry[0]);
        } catch (_) {}
        sendx.q.push(entry);
      } as Stub);
    sendx.q = [];
    sendx.v = 1;
    addEventListener('pagehide', function () {
      try {
        var script = document.querySelector('[src*="sendx.js"]') as HTMLScriptElement,
          body = '{"v":1,"calls":[' + calls + ']}';
        // In the cookie, the tag or a call: denied, asked for, configured; or type=text/plain.
        if (
          sendx.q[0] &&
          !/=denie|xt\/pl|(a-|")(gpc|consent)[="]/.test(document.cookie + script.outerHTML + body)
        ) {
          navigator.sendBeacon(script.src.replace('sendx.js', 'messages'), body);
          // Not without end: where the script is blocked nobody ever takes them away. One page in
          // 900 writes over an earlier one.
          localStorage['sendx:stub:' + (tab % 900)] = body;
        }
      } catch (_) {}
    });
  })();

/**
 * The call's JSON `[id, at, arguments]`, and the arguments with the functions that JSON drops; the
 * bare arguments where JSON cannot copy them.
 */
type StubEntry = readonly [json: string, call: IArguments] | IArguments;

/** `window.sendx` while it buffers. */
interface Stub {
  (...call: unknown[]): void;
  /**
   * An array. Replaced by the script with what has `push` alone; the function stays, so that
   * references saved early stay alive.
   */
  q: {
    push(entry: StubEntry): unknown;
    readonly map?: unknown;
    readonly 0?: StubEntry;
  };
  /** Of the entries' format. */
  v: number;
}

export {};

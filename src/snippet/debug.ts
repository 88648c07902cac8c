import { readCalls } from './debug/calls.ts';
import { createConsoleLog } from './debug/consoleLog.ts';
import { element } from './debug/element.ts';
import { checkEndpoint, PROVEN, tellStatus } from './debug/endpoint.ts';
import { explain, type Verdict } from './debug/explain.ts';
import { reportForms } from './debug/forms.ts';
import { readDue, readMessages, readVisitor } from './debug/messages.ts';
import { createPanel } from './debug/panel.ts';
import { summarize } from './debug/payload.ts';
import { headlineOf } from './debug/report.ts';
import { createSnapshot } from './debug/snapshot.ts';
import { STYLE } from './debug/style.ts';
import { createTrail } from './debug/trail.ts';
import type { DebugSource } from './debugLoader.ts';
import type { SendxEvent } from './events.ts';
import { fieldOf, isRead, readForm } from './triggers.ts';

/** `window.sendx` where debugging was asked for. */
interface Api {
  (...call: unknown[]): void;
  readonly debug?: DebugSource;
}

/** How often, in milliseconds, the page is looked at for what makes no event: forms, other tabs. */
const LOOK_MS = 1000;

/**
 * Opens the debug panel on what `window.sendx` tells of itself.
 *
 * @param window - The page's.
 */
function openDebug(window: Window & typeof globalThis): void {
  const { sendx } = window as unknown as { readonly sendx?: Api };
  const source = sendx?.debug;
  if (!source) return;
  const { document, location, navigator } = window;

  const blocked: string[] = [];
  document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
    if (effectiveDirective === 'connect-src') blocked.push(blockedURI);
  });
  const report = createSnapshot(source, {
    readCalls,
    explain,
    summarize,
    headlineOf,
    tellStatus,
    readMessages,
    readVisitor,
    readDue,
    readForms: () => reportForms(document, { readForm, isRead, fieldOf }),
    trail: createTrail(() => window.sessionStorage, document),
    now: Date.now,
  });
  const log = createConsoleLog(window.console);

  let endpoint: Verdict;
  let checked: string | undefined | null = null;
  let checks = 0;
  // Since the last check began, a message was answered.
  let isProven = false;
  let isDue = false;
  const refresh = () => {
    if (source.options.endpoint !== checked) {
      endpoint = { tone: 'plain', text: 'Checking …' };
      isDue = true;
    }
    if (isDue) void check();
    const facts = report(isProven && endpoint.tone === 'bad' ? PROVEN : endpoint);
    panel.show(facts);
    log(facts);
  };
  const check = async () => {
    const turn = ++checks;
    isDue = isProven = false;
    checked = source.options.endpoint;
    const verdict = await checkEndpoint(checked, {
      fetch: (...request) => window.fetch(...request),
      location,
      onLine: () => navigator.onLine,
      // Some browsers tell the origin alone.
      isForbidden: (url) => blocked.some((one) => one && url.startsWith(one)),
    });
    if (turn !== checks) return;
    endpoint = verdict;
    refresh();
  };
  const panel = createPanel({
    element,
    style: STYLE,
    onCheck: () => {
      checked = null;
      refresh();
    },
  });

  sendx('on', '*', ({ event }: SendxEvent) => {
    if (/accepted|refused/.test(event)) isProven = true;
    if (event === 'error') isDue = true;
    queueMicrotask(refresh);
  });
  // What was wrong may be over without a call that shows it.
  for (const type of ['online', 'visibilitychange'])
    window.addEventListener(type, () => {
      if (!isProven && !document.hidden && endpoint.tone === 'bad') isDue = true;
    });
  for (const type of ['input', 'change'])
    document.addEventListener(type, refresh, { passive: true });
  setInterval(refresh, LOOK_MS);
  refresh();
}

if (document.readyState === 'loading')
  document.addEventListener('DOMContentLoaded', () => openDebug(window));
else openDebug(window);

import type { Report } from './report.ts';

/** The part of `console` that is used. */
export type Console = Pick<globalThis.Console, 'info' | 'warn'>;

/**
 * Writes what the panel shows for developers, each fact once and again when it changes.
 *
 * @example `[sendx] track: addTags must hold at least one tag, got undefined; the proxy will refuse it.`
 */
export function createConsoleLog(console: Console): (report: Report) => void {
  const said = new Map<string, string>();
  const say = (key: string, tone: string, text: string) => {
    if (said.get(key) === text) return;
    said.set(key, text);
    console[tone === 'bad' ? 'warn' : 'info'](`[sendx] ${text}`);
  };
  return ({ calls, endpoint, consent, visitor, outbox, forms }) => {
    if (endpoint.tone !== 'plain') say('endpoint', endpoint.tone, endpoint.text);
    say('consent', consent.tone, `consent: ${consent.text}`);
    say('visitor', 'plain', `visitor: ${visitor}`);
    say('outbox', 'plain', `outbox: ${outbox.replace(/, next.*/, '')}`);
    for (const { id, name, summary, step, tone, text } of calls)
      say(id, tone, `${name}: ${text}. (${[step, summary].filter(Boolean).join(', ')})`);
    for (const { title, verdict, fields } of forms)
      say(
        `form ${title}`,
        verdict.tone,
        `form ${title}: ${verdict.text} ${fields.map(([field, control]) => `${field} ← ${control}`).join(', ')}`,
      );
  };
}

/** The panel's style sheet, for its shadow root. Text on every ground has a contrast of 4.5 or more. */
export const STYLE = `
:host {
  all: initial !important; position: fixed !important; inset: auto 16px 16px auto !important;
  z-index: 2147483647 !important; width: min(420px, calc(100vw - 32px)) !important;
  pointer-events: none !important;
  --ground: #fff; --raised: #eef0f3; --line: #d9dee5; --text: #171c24; --muted: #4f5968; --accent: #1d5bd6;
  --good: #10602c; --good-ground: #def4e5; --busy: #6f4700; --busy-ground: #fcefcf; --bad: #a01818; --bad-ground: #fde6e6;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ground: #171c24; --raised: #2b333f; --line: #37414f; --text: #e8edf4; --muted: #a9b4c3; --accent: #8db8ff;
    --good: #86e3a8; --good-ground: #14331f; --busy: #f5d07a; --busy-ground: #3a2d0c; --bad: #ffb3ad; --bad-ground: #451b1e;
    color-scheme: dark !important;
  }
}
@media (max-width: 480px) {
  :host { inset: auto 8px 8px !important; width: auto !important; }
  section { max-height: 62vh !important; }
}
@media print {
  :host { display: none !important; }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
section, .pill {
  pointer-events: auto; color: var(--text); background: var(--ground);
  font: 13px/1.45 system-ui, sans-serif; overflow-wrap: anywhere;
  border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 6px 28px rgb(10 20 40 / .28);
}
section { display: flex; flex-direction: column; max-height: min(640px, calc(100vh - 32px)); overflow: hidden; }
[hidden] { display: none !important; }
[data-tone] { --tone: var(--muted); --tone-ground: var(--raised); }
[data-tone=good] { --tone: var(--good); --tone-ground: var(--good-ground); }
[data-tone=busy] { --tone: var(--busy); --tone-ground: var(--busy-ground); }
[data-tone=bad] { --tone: var(--bad); --tone-ground: var(--bad-ground); }
header { display: flex; align-items: center; padding: 8px 8px 8px 14px; }
h2 { font-size: 14px; margin-right: auto; }
h3 { font-size: 12px; margin: 16px 0 6px; }
button { font: inherit; color: inherit; background: none; border: 0; border-radius: 8px; min-height: 32px; padding: 0 12px; cursor: pointer; }
header button { color: var(--accent); font-weight: 600; }
button:hover { background: var(--raised); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.headline { padding: 10px 14px; font-weight: 600; color: var(--tone); background: var(--tone-ground); }
.body { overflow-y: auto; padding: 12px 14px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; }
h3, dt, .summary, .none, footer, time, td + td { color: var(--muted); }
dd[data-tone=bad], dd[data-tone=busy], .why[data-tone=bad], .why[data-tone=busy] { color: var(--tone); }
ol, ul { list-style: none; }
li, footer { padding: 8px 0; border-top: 1px solid var(--line); }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; }
.name, th { font: 600 12px/1.6 ui-monospace, monospace; }
.chip { font-size: 11.5px; font-weight: 600; padding: 1px 8px; border-radius: 99px; color: var(--tone); background: var(--tone-ground); }
time { margin-left: auto; }
time, small, footer { font-size: 12px; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: 2px 12px 0 0; }
th { font-weight: 400; overflow-wrap: normal; }
.pill { display: flex; align-items: center; gap: 8px; margin-left: auto; border: 1px solid var(--line); border-radius: 99px; min-height: 36px; font-weight: 600; }
.dot { width: 10px; height: 10px; border-radius: 50%; background: var(--tone); }
`;

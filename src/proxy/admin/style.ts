/** Style sheet of the admin's pages. Text on every ground has a contrast of 4.5 or more. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --panel: #ffffff; --line: #dfe3e8; --text: #1a1f26; --muted: #566070;
  --accent: #1d5bd6; --accent-text: #ffffff;
  --ok: #dcf5e4; --ok-text: #10602c; --bad: #fde5e5; --bad-text: #9b1c1c;
  --wait: #fcefcf; --wait-text: #744b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1218; --panel: #171c24; --line: #2b333f; --text: #e8edf4; --muted: #9ba7b7;
    --accent: #8db8ff; --accent-text: #0b1a33;
    --ok: #14331f; --ok-text: #86e3a8; --bad: #401a1c; --bad-text: #ffb0aa;
    --wait: #3a2d0c; --wait-text: #f5d07a;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; padding: 0 clamp(12px, 3vw, 32px) 48px; max-width: 1280px;
  background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1, h2, h3, p, ul, dl, dd, pre { margin: 0; padding: 0; }
ul { list-style: none; }
h1 { font-size: 19px; margin-right: auto; }
.rows > li:last-child { padding-bottom: 0; }
h1 .muted { font-weight: 400; }
h2 { font-size: 16px; }
h3 { font-size: 13px; color: var(--muted); }
a { color: var(--accent); }
.muted { color: var(--muted); font-size: 13px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 8px; background: var(--panel); padding: 8px 12px; border-radius: 8px; z-index: 2; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main:focus, h2:focus { outline: none; }
code { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 24px; padding: 18px 0 14px; }
header nav { display: flex; gap: 4px; }
header nav a { padding: 5px 12px; border-radius: 8px; text-decoration: none; }
header nav a[aria-current] { background: var(--panel); border: 1px solid var(--line); color: var(--text); padding: 4px 11px; }
.link { display: flex; align-items: center; gap: 8px; font-size: 13px; color: var(--muted); }
.dot { width: 9px; height: 9px; border-radius: 50%; background: var(--wait-text); }
[data-state="live"] .dot { background: var(--ok-text); }
[data-state="lost"] .dot { background: var(--bad-text); }
[data-state="lost"] { color: var(--bad-text); }
main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.banner { border-radius: 12px; padding: 14px 18px; background: var(--wait); color: var(--wait-text); }
.banner[data-state="ok"] { background: var(--ok); color: var(--ok-text); }
.banner[data-state="bad"] { background: var(--bad); color: var(--bad-text); }
.banner p::first-letter { text-transform: uppercase; }
.cards { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.card, .panel { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; min-width: 0; }
.card { padding: 12px 16px; }
.card dt { color: var(--muted); font-size: 13px; }
.card dd > span { font-size: 26px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.card small { display: block; color: var(--muted); font-size: 12px; }
.card[data-state="bad"] dd > span { color: var(--bad-text); }
.panel { padding: 16px 18px; align-self: start; }
.panel > .empty { padding-bottom: 0; }
.side { display: grid; gap: 16px; align-content: start; grid-template-columns: minmax(0, 1fr); }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 16px; }
.empty { color: var(--muted); padding: 8px 0; font-size: 14px; }
.rows > li { border-top: 1px solid var(--line); padding: 10px 0; font-size: 14px; }
.rows > li:first-child { border-top: 0; }
.terms > li { display: flex; justify-content: space-between; gap: 12px; padding: 7px 0; }
.terms strong { font-variant-numeric: tabular-nums; }
.what { min-width: 0; color: var(--muted); }
.what code { color: var(--text); font-weight: 600; }
.letter { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; }
.words { flex: 1 1 260px; min-width: 0; overflow-wrap: anywhere; }
.why code { color: var(--bad-text); font-weight: 650; }
.buttons { display: flex; gap: 8px; }
button, input, textarea {
  font: inherit; font-size: 14px; color: var(--text); background: var(--panel);
  border: 1px solid var(--muted); border-radius: 8px; padding: 7px 13px; min-height: 36px;
}
button { cursor: pointer; font-weight: 550; white-space: nowrap; }
button:hover:not(:disabled) { border-color: var(--accent); color: var(--accent); }
button:disabled { cursor: default; color: var(--muted); background: var(--ground); }
button.danger { color: var(--bad-text); }
button.danger:hover:not(:disabled) { border-color: currentColor; color: var(--bad-text); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-text); margin-top: 12px; }
button.primary:hover:not(:disabled) { color: var(--accent-text); }
input, textarea { display: block; width: 100%; }
textarea { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; resize: vertical; }
::placeholder { color: var(--muted); opacity: 1; }
label { display: block; margin: 12px 0 4px; font-size: 13px; font-weight: 600; }
.scroll { overflow: auto; max-height: 480px; }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--muted); font-weight: 600; }
th, td { padding: 6px 10px 6px 0; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; position: sticky; top: 0; background: var(--panel); }
th.right, td.right { text-align: right; padding-right: 4px; }
.badge { display: inline-block; border-radius: 6px; padding: 0 8px; font-size: 13px; font-weight: 600; background: var(--wait); color: var(--wait-text); }
.badge[data-kind="ok"] { background: var(--ok); color: var(--ok-text); }
.badge[data-kind="bad"] { background: var(--bad); color: var(--bad-text); }
.lead { margin: 4px 0 10px; }
.note { margin: 8px 0; padding: 8px 12px; border-radius: 8px; background: var(--wait); color: var(--wait-text); font-size: 14px; }
.contents { display: flex; flex-wrap: wrap; gap: 6px 18px; margin-top: 12px; }
.recipes { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.snippet { margin-top: 12px; }
.snippet .head { flex-wrap: nowrap; }
pre { margin-top: 6px; padding: 10px 12px; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; overflow: auto; max-height: 220px; white-space: pre-wrap; overflow-wrap: anywhere; }
.notes { margin-top: 12px; padding-left: 18px; list-style: disc; color: var(--muted); font-size: 14px; }
.findings { margin-top: 12px; }
.findings > li { display: flex; gap: 12px; align-items: baseline; overflow-wrap: anywhere; }
.findings .badge { flex: none; width: 84px; text-align: center; }
.findings strong::first-letter { text-transform: uppercase; }
.toast { position: fixed; left: 16px; bottom: 16px; pointer-events: none; max-width: calc(100vw - 32px); padding: 10px 16px; border-radius: 10px; background: var(--text); color: var(--panel); font-size: 14px; }
.toast:empty { padding: 0; }
.single { max-width: 900px; margin: 0 auto; }
footer { margin-top: 18px; color: var(--muted); font-size: 13px; }
@media (min-width: 900px) {
  main:not(.single) { grid-template-columns: minmax(0, 1.6fr) minmax(0, 1fr); }
  .banner, .cards, .wide { grid-column: 1 / -1; }
}
@media (max-width: 480px) { h1 { width: 100%; } .link { margin-left: auto; } .lane, td.code, th.code { display: none; } .cards { grid-template-columns: 1fr 1fr; } }
`;

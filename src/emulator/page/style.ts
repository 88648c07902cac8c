/** The live page's style sheet. Text on every ground has a contrast of 4.5 or more. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --panel: #ffffff; --line: #dfe3e8; --text: #1a1f26; --muted: #566070;
  --accent: #1d5bd6; --accent-text: #ffffff; --chip: #e8effc; --chip-text: #174299;
  --ok: #dcf5e4; --ok-text: #10602c; --bad: #fde5e5; --bad-text: #9b1c1c;
  --warn: #fcefcf; --warn-text: #744b00; --fresh: #fff3bf; --fresh-text: #1a1f26;
  --shadow: 0 1px 2px rgb(20 30 50 / .06), 0 4px 16px rgb(20 30 50 / .05);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1218; --panel: #171c24; --line: #2b333f; --text: #e8edf4; --muted: #9ba7b7;
    --accent: #8db8ff; --accent-text: #0b1a33; --chip: #1d2c47; --chip-text: #b5d0ff;
    --ok: #14331f; --ok-text: #86e3a8; --bad: #401a1c; --bad-text: #ffb0aa;
    --warn: #3a2d0c; --warn-text: #f5d07a; --fresh: #5a4a10; --fresh-text: #fff6d6;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 0 clamp(12px, 3vw, 32px) 48px; max-width: 1440px;
  background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 19px; line-height: 1.25; letter-spacing: -.01em; }
h2 { font-size: 15px; }
h3 { font-size: 13px; color: var(--muted); margin: 16px 0 4px; font-weight: 600; }
.muted { color: var(--muted); font-size: 13px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 8px; background: var(--panel); padding: 8px 12px; border-radius: 8px; z-index: 2; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 28px; padding: 20px 0 16px; }
.brand { display: flex; gap: 12px; align-items: center; margin-right: auto; }
.mark { width: 40px; height: 40px; flex: none; }
.mark rect { fill: var(--accent); }
.mark path { fill: none; stroke: var(--accent-text); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.counts { display: flex; gap: 24px; }
.counts > div { display: flex; flex-direction: column-reverse; }
.counts dt { color: var(--muted); font-size: 12px; }
.counts dd { font-size: 20px; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.link { display: inline-flex; align-items: center; gap: 8px; padding: 4px 12px; border-radius: 99px; font-size: 13px; background: var(--warn); color: var(--warn-text); }
.link[data-state="live"] { background: var(--ok); color: var(--ok-text); }
.dot { width: 8px; height: 8px; border-radius: 50%; background: currentColor; }
.bench, .panel { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.bench { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 16px; padding: 12px 16px; margin-bottom: 16px; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; }
.buttons.end { margin-left: auto; }
button, select, input {
  font: inherit; font-size: 13px; color: var(--text); background: var(--panel);
  border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; min-height: 34px;
}
::placeholder { color: var(--muted); opacity: 1; }
button { cursor: pointer; font-weight: 550; }
button:hover:not(:disabled) { border-color: var(--accent); color: var(--accent); }
button:disabled { cursor: default; color: var(--muted); background: var(--ground); }
button.danger { color: var(--bad-text); }
button.danger:hover { border-color: currentColor; color: var(--bad-text); }
.armed { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 8px; }
.armed:empty { display: none; }
.armed li { background: var(--warn); color: var(--warn-text); border-radius: 8px; padding: 3px 10px; font-size: 13px; }
main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.side { display: grid; gap: 16px; align-content: start; min-width: 0; grid-template-columns: minmax(0, 1fr); }
.panel { padding: 14px 16px 16px; min-width: 0; align-self: start; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 16px; margin-bottom: 10px; }
.filter input { width: min(260px, 70vw); }
.empty { color: var(--muted); padding: 8px 0; font-size: 14px; }
.empty.tall { padding: 44px 0 48px; text-align: center; }
footer { display: grid; gap: 4px; margin-top: 20px; color: var(--muted); font-size: 13px; }
code { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--text); overflow-wrap: anywhere; }
.cards { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); align-items: start; }
.card { border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; min-width: 0; }
.card.touched { border-color: var(--accent); }
.who { display: flex; gap: 10px; align-items: center; min-width: 0; }
.who > div { min-width: 0; }
.face { flex: none; width: 36px; height: 36px; border-radius: 50%; display: grid; place-items: center; background: var(--chip); color: var(--chip-text); font-weight: 650; font-size: 13px; }
.card h3 { color: var(--text); font-size: 15px; margin: 0; overflow-wrap: anywhere; line-height: 1.3; }
.card h3.address { font-size: 13px; font-weight: 600; }
.card .mail { color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 10px; }
.chip { background: var(--chip); color: var(--chip-text); border-radius: 99px; padding: 1px 10px; font-size: 13px; overflow-wrap: anywhere; max-width: 100%; }
.chip.list { background: none; border: 1px solid var(--line); color: var(--muted); }
.chip.gone { background: var(--bad); color: var(--bad-text); text-decoration: line-through; }
.fields { display: grid; grid-template-columns: minmax(0, auto) minmax(0, 1fr); gap: 2px 12px; margin-top: 10px; font-size: 13px; }
.fields dt { color: var(--muted); overflow-wrap: anywhere; }
.fields dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.fields dd span { border-radius: 4px; padding: 0 4px; margin-left: -4px; }
.fresh { background: var(--fresh) !important; color: var(--fresh-text) !important; }
.rows > li { border-top: 1px solid var(--line); font-size: 13px; }
.rows > li:first-child { border-top: 0; }
#journal { max-height: 460px; overflow: auto; margin: 0 -16px; padding: 0 16px; }
#fired { max-height: 220px; overflow: auto; margin: 0 -16px; padding: 0 16px; }
summary { cursor: pointer; border-radius: 6px; }
.line { display: grid; grid-template-columns: auto 58px minmax(0, 1fr) auto 88px; gap: 2px 10px; align-items: center; padding: 6px 2px; list-style: none; }
.line::-webkit-details-marker { display: none; }
.line:hover .subject { text-decoration: underline; }
.time { flex: none; color: var(--muted); font-variant-numeric: tabular-nums; }
.verb { font-weight: 600; }
.subject { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.surface { color: var(--muted); }
.status { justify-self: end; white-space: nowrap; border-radius: 6px; padding: 0 8px; font-weight: 600; font-variant-numeric: tabular-nums; background: var(--warn); color: var(--warn-text); }
.status[data-kind="ok"] { background: var(--ok); color: var(--ok-text); }
.status[data-kind="bad"] { background: var(--bad); color: var(--bad-text); }
.why { grid-column: 2 / -1; color: var(--muted); overflow-wrap: anywhere; }
pre { margin: 0 0 10px; padding: 10px 12px; background: var(--ground); border-radius: 8px; overflow: auto; max-height: 300px; font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.run { display: flex; gap: 12px; padding: 7px 2px; overflow-wrap: anywhere; }
.run > * { min-width: 0; }
.rules .run { justify-content: space-between; }
.times { flex: none; color: var(--muted); white-space: nowrap; font-variant-numeric: tabular-nums; }
.wide summary { display: flex; align-items: center; gap: 12px; }
.wide summary h2 { display: inline; }
.wide summary::before { content: "▸"; color: var(--muted); }
.wide details[open] summary::before { content: "▾"; }
.table { margin-top: 10px; }
.rule { display: grid; gap: 4px 20px; grid-template-columns: minmax(0, 1fr); padding: 10px 0; border-top: 1px solid var(--line); }
.rule label { font: 600 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.rule p { font-size: 13px; color: var(--muted); }
.rule select { justify-self: start; }
.rule.flipped select { border-color: var(--accent); font-weight: 650; }
@media (min-width: 760px) { .rule { grid-template-columns: 170px minmax(0, 1fr) 230px; align-items: center; } .rule select { justify-self: stretch; } }
@media (min-width: 1000px) { main { grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); } .wide { grid-column: 1 / -1; } }
@media (max-width: 520px) { .line { grid-template-columns: auto 58px minmax(0, 1fr) auto; } .surface { display: none; } .brand { padding-right: 84px; } .link { position: absolute; right: 12px; top: 26px; } .counts { width: 100%; justify-content: space-between; } .buttons.end { margin-left: 0; } }
@media (prefers-reduced-motion: no-preference) {
  .fresh { animation: settle 2.5s ease-out; }
  @keyframes settle { from { transform: scale(1.06); } 12% { transform: none; } }
}
`;

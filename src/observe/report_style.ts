// The style sheet of a report, for light and dark, wide and narrow screens.

/** The style sheet. Text has a contrast of at least 4.5:1. */
export const REPORT_STYLE: string = `
:root {
  color-scheme: light dark;
  --back: #fbfbfa; --card: #fff; --text: #1c2024; --soft: #5a636d; --line: #d8dce0; --sunk: #f1f2f3;
  --ok: #17703a; --ok-back: #e3f4e8; --failed: #b3261e; --failed-back: #fce8e6;
  --unknown: #5a636d; --unknown-back: #eceef0;
  --wait: #b8a04a; --prepare: #9a7fd1; --start: #58a6c9; --run: #2f6fd0; --end: #8d969f;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #111417; --card: #191d21; --text: #e4e7ea; --soft: #9aa4ae; --line: #30363d; --sunk: #0c0e10;
    --ok: #5fd08a; --ok-back: #15301f; --failed: #ff8f86; --failed-back: #3a1a18;
    --unknown: #9aa4ae; --unknown-back: #262b31;
    --wait: #cbb45c; --prepare: #a78bdf; --start: #62b3d6; --run: #4d8ff0; --end: #6f7983;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h3, h4, h5, p, dl, pre, table { margin: 0; }
h1 { font-size: 1.45rem; line-height: 1.3; font-weight: 650; margin-bottom: .8rem; }
h3 { font-size: 1.05rem; font-weight: 650; margin: 2.2rem 0 .8rem; }
h4 { font-size: 1rem; font-weight: 600; min-width: 0; }
h5, caption { font-size: .8rem; font-weight: 600; color: var(--soft); text-align: left; }
h5 { margin: 1rem 0 .35rem; }
code, pre { font-family: var(--mono); }
code { font-size: .92em; overflow-wrap: anywhere; white-space: pre-wrap; }
.eyebrow { color: var(--soft); font-size: .8rem; font-weight: 600; margin-bottom: .25rem; }
.chip {
  display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .85rem; font-weight: 600;
  max-width: 100%; overflow-wrap: anywhere; color: var(--unknown); background: var(--unknown-back);
}
.chip.ok { color: var(--ok); background: var(--ok-back); }
.chip.failed { color: var(--failed); background: var(--failed-back); }
code.clamped { display: -webkit-inline-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
  vertical-align: top; }
details.command { margin: 0; }
details.command > summary { font: inherit; color: inherit; }
details.command > summary, details.run > summary { display: flex; gap: .5rem; align-items: flex-start; }
details.command > summary::before, details.run > summary::before { content: "▸"; flex: none; }
details.command[open] > summary::before, details.run[open] > summary::before { content: "▾"; }
details.run > summary code { flex: 0 1 auto; min-width: 0; }
details.run > summary .chip { flex: none; max-width: 50%; }
details.command[open] > summary code { display: none; }
details.command[open] > summary::after { content: "the whole command"; font-size: .85rem; color: var(--soft); }
.failure { margin-top: .8rem; padding: .7rem .9rem; border-radius: 8px; background: var(--failed-back);
  border-left: 3px solid var(--failed); }
.failure .others { margin-top: .4rem; font-size: .85rem; }
.failure > code { display: -webkit-box; margin-top: .2rem; }
.failure a { color: var(--failed); font-weight: 600; }
.failure pre { margin-top: .4rem; background: none; border: 0; padding: 0; color: var(--failed); }
.card:target, details.run:target { border-color: var(--failed); box-shadow: 0 0 0 2px var(--failed-back); }
.facts { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin-top: .9rem; }
.facts dt { font-size: .8rem; color: var(--soft); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.facts.items + .timeline { margin: 1rem 0 1.6rem; }
.graph svg { display: block; width: 100%; height: auto; }
.graph.narrow { display: none; }
.node rect { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.node.ok rect { stroke: var(--ok); }
.node.failed rect { stroke: var(--failed); fill: var(--failed-back); }
.node .name { font: 600 13px var(--mono); fill: var(--text); white-space: pre; }
.node .facts { font: 12px var(--mono); fill: var(--soft); }
.node.failed .facts { fill: var(--failed); }
.edge path { stroke: var(--soft); stroke-width: 1.5; fill: none; }
.edge path.head { fill: var(--soft); stroke: none; }
.edge text { font: 12px var(--mono); fill: var(--soft); }
.timeline ol { list-style: none; margin: 0; padding: 0; }
.timeline li { display: grid; grid-template-columns: minmax(0, 17rem) minmax(0, 1fr); gap: 0 1.2rem; }
.timeline li { align-items: center; padding: .45rem 0; border-top: 1px solid var(--line); }
.label code { display: block; white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.timeline li.failed .label span { color: var(--failed); font-weight: 600; }
.label span { font-size: .8rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.track { position: relative; height: 1.1rem; border-radius: 3px; background: var(--sunk); overflow: hidden; }
.track .bar { position: absolute; top: 0; bottom: 0; min-width: 2px; }
.bar.wait { background: var(--wait); } .bar.prepare { background: var(--prepare); }
.bar.start { background: var(--start); } .bar.run { background: var(--run); }
.bar.end { background: var(--end); } .bar.failed { background: var(--failed); }
.axis { position: relative; height: 1.4rem; margin-left: 18.2rem; }
.axis span { position: absolute; font-size: .75rem; color: var(--soft); white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; font-size: .8rem; color: var(--soft);
  border-top: 1px solid var(--line); padding-top: .6rem; }
.legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .4rem; }
.card { border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: 1rem 1.1rem;
  margin-bottom: .9rem; }
.card > header { display: flex; flex-wrap: wrap; gap: .4rem 1rem; justify-content: space-between;
  align-items: flex-start; }
.card > header h4 { flex: 1 1 16rem; display: flex; gap: .5rem; align-items: baseline; }
.card > header h4 > :last-child { flex: 0 1 auto; min-width: 0; }
.number { color: var(--soft); font-weight: 500; }
.error { margin-top: .9rem; color: var(--failed); white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: var(--sunk); border-radius: 6px; padding: .7rem .8rem; font-size: .8rem; line-height: 1.5;
  max-height: 26rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.tail { display: flex; flex-direction: column-reverse; } /* what overflows is the begin: the end is seen */
table { border-collapse: collapse; font-size: .85rem; margin-top: 1rem; }
caption { margin-bottom: .35rem; }
th, td { text-align: left; font-weight: 400; padding: .15rem 1.5rem .15rem 0; vertical-align: top; }
td:nth-child(2) { font-variant-numeric: tabular-nums; white-space: nowrap; }
td:nth-child(3) { color: var(--soft); overflow-wrap: anywhere; }
details { margin-top: .8rem; }
summary { cursor: pointer; font-size: .85rem; color: var(--soft); }
details[open] > summary { margin-bottom: .4rem; }
details.run { border-top: 1px solid var(--line); padding: .8rem 0; margin: 0; }
details.run > summary { font-size: 1rem; color: var(--text); }
details.run > summary .chip { margin-left: .5rem; }
details.run > summary + p { margin-top: .8rem; }
main > p + details.run { margin-top: 1rem; }
:focus-visible { outline: 2px solid var(--run); outline-offset: 2px; }
@media (max-width: 44rem) {
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.2rem; }
  .graph.wide { display: none; }
  .graph.narrow { display: block; }
  .timeline li { grid-template-columns: minmax(0, 1fr); gap: .3rem; }
  .label { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; }
  .label span { white-space: nowrap; }
  .axis { margin-left: 0; }
}
@media print {
  main { max-width: none; padding: 0; }
  pre { max-height: none; }
  .bar, .track, .chip, .failure, .node rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .card > header, .timeline li, .failure, .graph { break-inside: avoid; }
  h3, h5, caption, .card > header { break-after: avoid; }
}
`;

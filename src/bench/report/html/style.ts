/** The page's only style sheet. Colours are variables, which the plots inside use too. */
import { paletteVariables } from "../plots/palette.ts"

const LIGHT = `${paletteVariables("light")} --raised: #f5f7f9; --good: #12703f; --bad: #b3261e;`
const DARK = `${paletteVariables("dark")} --raised: #171d26; --good: #4cc38a; --bad: #ff8a80;`

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--background); color: var(--text);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main, footer { max-width: 1208px; margin: 0 auto; padding: 0 24px; }
h1 { font-size: clamp(1.75rem, 4.2vw, 3rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0.3em 0 0; max-width: 24ch; text-wrap: balance; }
h2 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; margin: 0 0 0.4em; }
h3 { font-size: 1rem; margin: 2.2em 0 0.5em; }
p { margin: 0 0 1em; max-width: 72ch; }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 0.2em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--batched); outline-offset: 3px; }
.over, .terms, figcaption small, .none { color: var(--muted); }
.over { margin: 0; font-size: 0.9rem; }
header { padding: 72px 0 16px; }
section { padding: 56px 0 0; }
.scenario { margin-top: 56px; border-top: 1px solid var(--grid); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); gap: 32px 48px; margin: 40px 0 0; padding: 0; }
.facts dt { font-size: 1.75rem; font-weight: 600; letter-spacing: -0.01em; line-height: 1.2; }
.facts dd { margin: 0.35em 0 0; color: var(--muted); max-width: 34ch; }
.facts div { display: flex; flex-direction: column; }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
.note { background: var(--raised); border-left: 3px solid var(--muted); padding: 14px 18px; max-width: 76ch; }
header .note { margin-top: 40px; }
.note.failed { border-color: var(--bad); }
.note.works { border-color: var(--good); }
nav ul { display: flex; flex-wrap: wrap; gap: 8px 22px; list-style: none; margin: 0; padding: 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 40px 40px; margin: 32px 0 8px; align-items: start; }
figure { margin: 0; min-width: 0; }
figcaption { margin: 0 0 12px; line-height: 1.4; }
figcaption strong { display: block; font-weight: 600; }
figcaption small { display: block; font-size: 0.85rem; margin-top: 0.2em; }
svg { display: block; width: 100%; height: auto; }
svg.wide { max-width: 560px; }
svg.narrow { display: none; }
@media (max-width: 560px) { svg.wide { display: none; } svg.narrow { display: block; } }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.45; }
caption { text-align: left; color: var(--muted); padding: 0 0 10px; white-space: nowrap; }
th, td { padding: 7px 24px 7px 0; text-align: left; vertical-align: baseline; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-weight: 500; border-bottom: 1px solid var(--muted); }
tbody th { font-weight: 600; position: sticky; left: 0; background: var(--background); }
tbody tr:first-child > * { border-top: 1px solid var(--grid); }
thead + tbody tr:first-child > * { border-top: 0; }
.rows tbody tr > * { border-top: 1px solid var(--grid); }
.rows { width: 100%; max-width: 940px; }
.number { text-align: right; }
td.sentence { white-space: normal; }
td small { display: block; color: var(--muted); }
details > summary { cursor: pointer; color: var(--muted); margin: 0 0 10px; width: fit-content; }
pre { background: var(--raised); padding: 12px 16px; overflow-x: auto; font: 0.85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; margin: 0; }
.again { margin: 24px 0 0; }
.again p { margin: 0 0 6px; font-size: 0.85rem; color: var(--muted); }
.list { display: grid; grid-template-columns: max-content 1fr; gap: 6px 28px; margin: 0; }
.list dt { color: var(--muted); }
.list dd { margin: 0; max-width: 76ch; min-width: 0; }
footer { padding-bottom: 88px; }
@media (max-width: 560px) {
  main, footer { padding: 0 16px; }
  header { padding-top: 40px; }
  .facts { gap: 24px; margin-top: 28px; }
  caption { white-space: normal; }
  .rows th, .rows td { white-space: normal; padding-right: 14px; }
  .rows code { overflow-wrap: anywhere; }
  .list { grid-template-columns: 1fr; gap: 0; }
  .list dd { margin: 0 0 12px; }
}
@media print { details::details-content { content-visibility: visible; display: block; } }
`

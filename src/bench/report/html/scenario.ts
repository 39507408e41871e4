/** One scenario: its question, the plots that its data calls for, every number, and how to repeat it. */
import type { ScenarioResult } from "../../result.ts"
import { NOTHING } from "../format.ts"
import { drawSvg } from "../plots/draw.ts"
import type { Plot } from "../plots/plot.ts"
import { plotsOf } from "../plots.ts"
import { type Cell, columnsOf, figureRowsOf, onlyLoadOf, rowsOf } from "../rows.ts"
import { escapeMarkup } from "./markup.ts"
import { type HtmlCell, type HtmlGroup, htmlTable } from "./table.ts"

/** Drawn twice, since text that is shrunk with its picture cannot be read. */
const WIDTHS = { wide: 560, narrow: 328 }
/** More rows than this are there for those who ask for them. */
const ROWS_SHOWN_MAX = 12

export async function scenarioSection(scenario: ScenarioResult): Promise<string> {
  const plots = await Promise.all(plotsOf(scenario).map(figure))
  const load = onlyLoadOf(scenario)
  return `<section class="scenario" id="${escapeMarkup(scenario.name)}">
<h2>${escapeMarkup(scenario.title)}</h2>
<p>${escapeMarkup(scenario.question)}</p>
${load ? `<p class="terms">${escapeMarkup(load)}</p>` : ""}
<div class="plots">${plots.join("\n")}</div>
${measured(scenario)}
${figures(scenario)}
${repeat(scenario.command)}
</section>`
}

export function repeat(command: string): string {
  return `<div class="again"><p>To repeat it</p><pre tabindex="0"><code>${escapeMarkup(command)}</code></pre></div>`
}

async function figure(plot: Plot): Promise<string> {
  const drawn = async (kind: keyof typeof WIDTHS) => {
    const svg = await drawSvg(plot, { theme: "inline", width: WIDTHS[kind] })
    return svg.replace(/^<svg /, `<svg class="${kind}" `).replace(/ xmlns="[^"]*"/, "")
  }
  const note = plot.note ? `<small>${escapeMarkup(plot.note)}</small>` : ""
  return `<figure><figcaption><strong>${escapeMarkup(plot.title)}</strong>${note}</figcaption>
${await drawn("wide")}
${await drawn("narrow")}
</figure>`
}

function measured(scenario: ScenarioResult): string {
  const rows = rowsOf(scenario)
  const table = htmlTable({
    caption: `Medians over the rounds; rates are ${scenario.counted} a second`,
    columns: [{ title: "contender", kind: "text" }, ...columnsOf(scenario)],
    groups: grouped(rows, ({ cells }) => cells.map(unitsCell)),
  })
  const wrong = rows.some(({ cells }) => cells.some(({ verdict }) => verdict === "wrong"))
  if (rows.length <= ROWS_SHOWN_MAX || wrong) return `<h3>What was measured</h3>${table}`
  return `<h3>What was measured</h3><details><summary>All ${rows.length} points as a table</summary>${table}</details>`
}

function unitsCell({ text, verdict }: Cell): HtmlCell {
  if (verdict === "wrong") return { text, tone: "bad" }
  return verdict === "expected" ? { text, remark: "as it must" } : { text }
}

function figures(scenario: ScenarioResult): string {
  const rows = figureRowsOf(scenario)
  if (rows.length === 0) return ""
  const labels = [...new Set(rows.flatMap(({ figures }) => figures.map(({ label }) => label)))]
  const loads = rows.some(({ load }) => load !== undefined)
  return `<h3>What else was seen</h3>${htmlTable({
    caption: "Medians over the rounds, with their spread",
    columns: [
      { title: "contender", kind: "text" },
      ...(loads ? [{ title: "load", kind: "text" as const }] : []),
      ...labels.map((title) => ({ title, kind: "number" as const })),
    ],
    groups: grouped(rows, ({ load, figures }) => [
      ...(loads ? [{ text: load ?? "" }] : []),
      ...labels.map((wanted) => {
        const found = figures.find(({ label }) => label === wanted)
        return {
          text: found?.value ?? "",
          remark: found && found.spread !== NOTHING ? found.spread : undefined,
        }
      }),
    ]),
  })}`
}

function grouped<R extends { readonly contender: string }>(
  rows: readonly R[],
  cells: (row: R) => HtmlCell[],
): HtmlGroup[] {
  return [...Map.groupBy(rows, ({ contender }) => contender)].map(([head, members]) => ({
    head,
    rows: members.map(cells),
  }))
}

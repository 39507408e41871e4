/** Parts of the report as Markdown, for pages that people wrote the rest of. */
import type { BenchReport, ContenderResult, ScenarioResult } from "../result.ts"
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatMs,
  formatNumber,
  formatRange,
  formatRatio,
  NOTHING,
  withRange,
} from "./format.ts"
import { goalsOf } from "./goals.ts"
import { controlOf } from "./headline.ts"
import { escapeMarkup } from "./html/markup.ts"
import type { Plot } from "./plots/plot.ts"
import { plotsOf } from "./plots.ts"
import { PROFILE_CAPTION, profileTableOf } from "./profile.ts"
import { columnsOf, figureRowsOf, onlyLoadOf, rowsOf } from "./rows.ts"
import { baselineOf, highestPoint, highestRate, openPoints, ratio, scenarioOf, unitsWrong } from "./select.ts"

export interface MarkdownSection {
  readonly text: string
  /** Those that the text shows. */
  readonly plots: readonly Plot[]
}

/** Where the pictures of a plot lie, seen from the page. */
export type PicturePath = (plot: Plot, theme: "light" | "dark") => string

/** `summary`, `goals`, `control`, `profile`, `machine`, or the name of a scenario. */
export function renderMarkdown(
  report: BenchReport,
  section: string,
  picturePath: PicturePath,
): MarkdownSection {
  const scenario = scenarioOf(report, section)
  if (scenario) return scenarioSection(scenario, picturePath)
  const { [section]: render } = SECTIONS
  if (render) return render(report, picturePath)
  const known = [...Object.keys(SECTIONS), ...report.scenarios.map(({ name }) => name)]
  throw new Error(`the report has no section ${section}: it has ${known.join(", ")}`)
}

const SECTIONS: Readonly<Record<string, (report: BenchReport, picturePath: PicturePath) => MarkdownSection>> =
  {
    summary,
    goals: (report) => textOnly(goalTable(report)),
    control: (report) => textOnly(escapeMarkdown(controlOf(report)?.sentence ?? "Nothing broken took part.")),
    profile: (report) => textOnly(profileTable(report)),
    machine: (report) => textOnly(machineList(report)),
  }

function summary(report: BenchReport, picturePath: PicturePath): MarkdownSection {
  const scenario = scenarioOf(report, "hot")
  if (!scenario) throw new Error("a summary is made of the scenario hot, which the report does not have")
  const plots = plotsOf(scenario).filter(({ kind }) => kind === "rate")
  const head = [
    "contender",
    `highest rate, ${scenario.counted}/s`,
    "spread",
    `of ${baselineOf(scenario)?.name}`,
    "p99 ms, open loop",
    "oversold, all scenarios",
    "leaked, all scenarios",
  ]
  const rows = scenario.contenders.map((contender) => summaryRow(report, scenario, contender))
  const parts = [
    ...plots.map((plot) => picture(plot, picturePath)),
    markdownTable(head, rows),
    `${machineLine(report)} Repeat it with:`,
    fenced(scenario.command),
  ]
  return { text: parts.join("\n\n"), plots }
}

function summaryRow(report: BenchReport, scenario: ScenarioResult, contender: ContenderResult): string[] {
  const rate = highestPoint(contender)?.rate
  const times = ratio(rate?.median, highestRate(baselineOf(scenario)))
  const p99 = openPoints(contender)[0]?.latencyMs?.p99
  const everywhere = report.scenarios.flatMap(({ contenders }) =>
    contenders.filter(({ name }) => name === contender.name),
  )
  const { oversold, leaked } = unitsWrong(everywhere)
  return [
    inCode(contender.name),
    rate ? formatNumber(rate.median) : NOTHING,
    rate ? formatRange(rate) : NOTHING,
    times === undefined ? NOTHING : formatRatio(times),
    p99 === undefined ? NOTHING : formatMs(p99),
    formatCount(oversold),
    formatCount(leaked),
  ]
}

/** More rows than this are folded up. */
const ROWS_SHOWN_MAX = 12

function scenarioSection(scenario: ScenarioResult, picturePath: PicturePath): MarkdownSection {
  const plots = plotsOf(scenario)
  const load = onlyLoadOf(scenario)
  const rows = rowsOf(scenario)
  const table = markdownTable(
    ["contender", ...columnsOf(scenario).map(({ title }) => title)],
    rows.map(({ contender, first, cells }) => [
      first ? inCode(contender) : "",
      ...cells.map(({ text }) => escapeMarkdown(text)),
    ]),
  )
  const terms = `Rates are ${scenario.counted} a second${load ? `; ${load}` : ""}.`
  const folded = `<details><summary>All ${rows.length} points as a table</summary>\n\n${table}\n\n</details>`
  const parts = [
    ...plots.map((plot) => `${captionOf(plot)}\n\n${picture(plot, picturePath)}`),
    escapeMarkdown(terms),
    rows.length > ROWS_SHOWN_MAX ? folded : table,
    ...figureLines(scenario),
    fenced(scenario.command),
  ]
  return { text: parts.join("\n\n"), plots }
}

function figureLines(scenario: ScenarioResult): string[] {
  const lines = figureRowsOf(scenario).map(({ contender, load, figures }) => {
    const values = figures
      .map(({ label, value, spread }) => `${label} ${withRange(value, spread)}`)
      .join(", ")
    return `* ${inCode(contender)}${load ? ` at ${escapeMarkdown(load)}` : ""}: ${escapeMarkdown(values)}`
  })
  return lines.length > 0 ? [lines.join("\n")] : []
}

function goalTable(report: BenchReport): string {
  const rows = goalsOf(report).map(({ sentence, figure, reached }) => [
    escapeMarkdown(sentence),
    escapeMarkdown(figure),
    reached ? "yes" : "**no**",
  ])
  return markdownTable(["goal", "figure", "reached?"], rows)
}

function profileTable(report: BenchReport): string {
  const table = profileTableOf(report)
  if (!table)
    throw new Error("a profile is made of what was measured with --profile, which this report was not")
  const rows = table.rows.map(({ label, cells }) => [escapeMarkdown(label), ...cells])
  return [PROFILE_CAPTION, markdownTable(["", ...table.columns], rows), fenced(report.command)].join("\n\n")
}

function machineLine({ machine, postgres, earmark }: BenchReport): string {
  const commit = earmark.commit ? ` at ${inCode(earmark.commit)}` : ""
  const on = ["fsync", "synchronous_commit"].map(
    (name) => `${inCode(name)} ${postgres.settings[name] ?? "unknown"}`,
  )
  return `${machine.cores} cores shared by callers, Node ${machine.node.replace(/^v/, "")} and Postgres ${postgres.version} with ${on.join(" and ")}, Earmark ${earmark.version}${commit}.`
}

function machineList({ machine, postgres, earmark, ...report }: BenchReport): string {
  const settings = Object.entries(postgres.settings).map(
    ([name, value]) => `${inCode(name)} ${escapeMarkdown(value)}`,
  )
  const commit = earmark.commit ? ` at ${inCode(earmark.commit)}` : ""
  return [
    `* ${machine.cores} cores (${escapeMarkdown(machine.cpu)}), ${formatBytes(machine.memoryBytes)}, ${machine.platform}`,
    `* Node ${machine.node}, Earmark ${earmark.version}${commit}`,
    `* Postgres ${postgres.version} (${postgres.origin}): ${settings.join(", ")}`,
    `* begun ${formatInstant(report.startedAt)}, took ${formatDuration(report.tookSeconds)}, size ${report.size}`,
    "",
    fenced(report.command),
  ].join("\n")
}

function captionOf({ title, note }: Plot): string {
  return `**${escapeMarkdown(title)}**${note ? `<br>${escapeMarkdown(note)}` : ""}`
}

/** Who listens to a page cannot skim it. */
const ALT_MAX = 400

/** Pages are read in light and dark; an image that is embedded by address cannot ask for either. */
function picture(plot: Plot, picturePath: PicturePath): string {
  const { title, description } = plot
  const numbers = description.length > ALT_MAX ? "the numbers are in the table below" : description
  const alt = escapeMarkup(`${title}: ${numbers}`)
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${picturePath(plot, "dark")}">
  <img alt="${alt}" src="${picturePath(plot, "light")}" width="720">
</picture>`
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  return [line(head.map(escapeMarkdown)), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n")
}

function fenced(command: string): string {
  return `\`\`\`\n${command}\n\`\`\``
}

function inCode(text: string): string {
  return `\`${text.replace(/`/g, "'").replace(/\|/g, "\\|")}\``
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]|<>&]/g, (character) => MARKUP[character] ?? `\\${character}`)
}

const MARKUP: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" }

function textOnly(text: string): MarkdownSection {
  return { text, plots: [] }
}

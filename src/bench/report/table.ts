/** The report in a terminal. */
import type { BenchReport, ExpectationResult, ScenarioResult } from "../result.ts"
import { formatBytes, formatDuration, formatInstant, formatNumber, NOTHING, withRange } from "./format.ts"
import { type Goal, goalsOf } from "./goals.ts"
import { controlOf } from "./headline.ts"
import { PROFILE_CAPTION, PROFILE_TITLE, profileTableOf } from "./profile.ts"
import { columnsOf, figureRowsOf, onlyLoadOf, type Row, rowsOf } from "./rows.ts"
import { unitsWrong } from "./select.ts"
import { type TextCell, type TextColumn, textColumns, wrap, wrapCommand } from "./text-columns.ts"

type Paint = (text: string) => string

/** What picocolors offers, and all that is needed of it. */
export interface Colors {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
}

const WIDTH_MAX = 120
const INDENT = "  "

/** No line is longer than 120 columns, a word or an option that is longer by itself excepted. */
export function renderTable(report: BenchReport, colors: Colors): string {
  const sections = [
    ...report.scenarios.map((scenario) => scenarioSection(scenario, colors)),
    profileSection(report, colors),
    controlSection(report, colors),
    goalSection(goalsOf(report), colors),
    expectationSection(report.expectations, colors),
    machineSection(report, colors),
  ]
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`
}

function scenarioSection(scenario: ScenarioResult, colors: Colors): string {
  const load = onlyLoadOf(scenario)
  const terms = `${load ? `${load}; ` : ""}rate: ${scenario.counted} a second`
  return [
    `${colors.bold(scenario.title)} ${colors.dim(`(${scenario.name})`)}`,
    wrap(scenario.question, { widthMax: WIDTH_MAX }),
    colors.dim(wrap(terms, { widthMax: WIDTH_MAX })),
    "",
    measuredTable(scenario, colors),
    ...figureLines(scenario),
    ...brokenLine(scenario, colors),
    colors.dim(wrapCommand(scenario.command, WIDTH_MAX)),
  ].join("\n")
}

function measuredTable(scenario: ScenarioResult, colors: Colors): string {
  const columns: TextColumn[] = [
    { title: "contender", align: "left", cuttable: true },
    ...columnsOf(scenario).map(({ title, kind }) => ({
      title,
      align: kind === "number" ? ("right" as const) : ("left" as const),
      cuttable: kind === "text",
    })),
  ]
  const rows = rowsOf(scenario).map((row) => textCells(row, colors))
  return textColumns(columns, rows, { widthMax: WIDTH_MAX, paintHead: colors.dim })
}

function textCells({ contender, role, first, cells }: Row, colors: Colors): TextCell[] {
  const name: TextCell = { text: first ? contender : "" }
  const paints = { wrong: (text: string) => colors.bold(colors.red(text)), expected: colors.green }
  return [
    role === "strategy" ? name : { ...name, paint: colors.dim },
    ...cells.map(({ text, verdict }) => (verdict ? { text, paint: paints[verdict] } : { text })),
  ]
}

function figureLines(scenario: ScenarioResult): string[] {
  return figureRowsOf(scenario).map(({ contender, load, figures }) => {
    const name = load ? `${contender}, ${load}` : contender
    const text = figures.map(({ label, value, spread }) => `${label} ${withRange(value, spread)}`).join(" · ")
    return wrap(`${name}: ${text}`, { widthMax: WIDTH_MAX, indent: INDENT })
  })
}

function brokenLine(scenario: ScenarioResult, colors: Colors): string[] {
  const broken = scenario.contenders.filter(({ role }) => role === "broken")
  if (broken.length === 0) return []
  const { oversold, leaked } = unitsWrong(broken)
  const names = broken.map(({ name }) => name).join(", ")
  if (oversold === 0) return [colors.red(`${names}: oversold nothing, so the zeros here prove nothing`)]
  const units = `oversold ${formatNumber(oversold)}, leaked ${formatNumber(leaked)}`
  return [colors.green(`${names}: ${units}, as it must: the counter works`)]
}

/** Column below column: side by side they would not fit. */
function profileSection(report: BenchReport, colors: Colors): string {
  const table = profileTableOf(report)
  if (!table) return ""
  const parts = table.columns.map((title, index) => {
    const lines = table.rows.flatMap(({ label, cells }) => {
      const { [index]: cell = NOTHING } = cells
      return cell === NOTHING ? [] : [[{ text: cell }, { text: label }]]
    })
    const columns: TextColumn[] = [
      { title: "us", align: "right", cuttable: false },
      { title, align: "left", cuttable: true },
    ]
    return textColumns(columns, lines, { widthMax: WIDTH_MAX, paintHead: colors.dim })
  })
  const caption = colors.dim(wrap(PROFILE_CAPTION, { widthMax: WIDTH_MAX }))
  return [`${colors.bold(PROFILE_TITLE)}\n${caption}`, ...parts].join("\n\n")
}

function controlSection(report: BenchReport, colors: Colors): string {
  const control = controlOf(report)
  if (!control) return ""
  const text = wrap(control.sentence, { widthMax: WIDTH_MAX })
  return control.works ? text : colors.red(text)
}

function goalSection(goals: readonly Goal[], colors: Colors): string {
  if (goals.length === 0) return ""
  const lines = goals.map(({ sentence, figure, reached }) => {
    const mark = reached ? colors.green("reached") : colors.red("MISSED ")
    return `${mark}  ${wrap(`${sentence} ${figure}`, { widthMax: WIDTH_MAX - 9, indent: INDENT }).replaceAll("\n", `\n${" ".repeat(9)}`)}`
  })
  return [colors.bold("Goals"), ...lines].join("\n")
}

function expectationSection(expectations: readonly ExpectationResult[], colors: Colors): string {
  if (expectations.length === 0) return ""
  const lines = expectations.map(({ text, scenario, value, holds }) => {
    const mark = holds ? colors.green("pass") : colors.bold(colors.red("FAIL"))
    return `${mark}  ${text}  ${colors.dim(`in ${scenario}:`)} ${formatNumber(value)}`
  })
  return [colors.bold("Expected"), ...lines].join("\n")
}

function machineSection({ machine, postgres, ...report }: BenchReport, { dim }: Colors): string {
  const settings = Object.entries(postgres.settings).map(([name, value]) => `${name} ${value}`)
  const commit = report.earmark.commit ? ` at ${report.earmark.commit}` : ""
  const lines = [
    `${machine.cores} cores (${machine.cpu}), ${formatBytes(machine.memoryBytes)}, ${machine.platform}, Node ${machine.node}, Earmark ${report.earmark.version}${commit}`,
    `Postgres ${postgres.version} (${postgres.origin}), ${settings.join(", ")}`,
    `size ${report.size}, begun ${formatInstant(report.startedAt)}, took ${formatDuration(report.tookSeconds)}`,
  ]
  const wrapped = lines.map((line) => wrap(line, { widthMax: WIDTH_MAX, indent: INDENT }))
  return [...wrapped, wrapCommand(report.command, WIDTH_MAX)].map(dim).join("\n")
}

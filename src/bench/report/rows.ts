/** The rows that every table is made of: in the terminal, in HTML and in Markdown. */
import type { ContenderResult, ContenderRole, PointResult, ScenarioResult } from "../result.ts"
import {
  figureWords,
  formatCount,
  formatFigure,
  formatMs,
  formatNumber,
  formatRange,
  formatRatio,
  NOTHING,
} from "./format.ts"
import { comparedPoint, comparedWith, placeOf } from "./select.ts"

export interface Row {
  readonly contender: string
  readonly role: ContenderRole
  /** The first of its contender. */
  readonly first: boolean
  /** In the order of `columnsOf`. */
  readonly cells: readonly Cell[]
}

export interface Cell {
  readonly text: string
  /** wrong: units do not add up. expected: those of the broken one do not. */
  readonly verdict: "wrong" | "expected" | null
}

export interface Column {
  readonly title: string
  readonly kind: "text" | "number"
}

/** The load of all, when they differ in nothing but the contender: then no column is spent on it. */
export function onlyLoadOf({ contenders }: ScenarioResult): string | undefined {
  const points = contenders.flatMap((contender) => contender.points)
  const loads = new Set(points.map((point) => `${point.label}, ${point.loop} loop`))
  return loads.size === 1 ? [...loads][0] : undefined
}

export function columnsOf(scenario: ScenarioResult): readonly Column[] {
  return [
    ...(onlyLoadOf(scenario) ? [] : [{ title: "load", kind: "text" as const }]),
    { title: "rate/s", kind: "number" },
    { title: "spread", kind: "number" },
    { title: comparedWith(scenario), kind: "number" },
    { title: "p50 ms", kind: "number" },
    { title: "p99 ms", kind: "number" },
    { title: "oversold", kind: "number" },
    { title: "leaked", kind: "number" },
  ]
}

export function rowsOf(scenario: ScenarioResult): readonly Row[] {
  return scenario.contenders.flatMap((contender) =>
    contender.points.map((point, index) => ({
      contender: contender.name,
      role: contender.role,
      first: index === 0,
      cells: cellsOf(scenario, contender, point),
    })),
  )
}

function cellsOf(scenario: ScenarioResult, contender: ContenderResult, point: PointResult): readonly Cell[] {
  const plain = (text: string): Cell => ({ text, verdict: null })
  const compared = comparedPoint(scenario, contender, point)
  return [
    ...(onlyLoadOf(scenario) ? [] : [plain(loadOf(scenario, point))]),
    plain(formatNumber(point.rate.median)),
    plain(formatRange(point.rate)),
    plain(compared ? formatRatio(point.rate.median / compared.rate.median) : NOTHING),
    plain(point.latencyMs ? formatMs(point.latencyMs.p50) : NOTHING),
    plain(point.latencyMs ? formatMs(point.latencyMs.p99) : NOTHING),
    unitsCell(contender.role, point.oversold),
    unitsCell(contender.role, point.leaked),
  ]
}

function loadOf(scenario: ScenarioResult, point: PointResult): string {
  const { loop, label, offeredPerSecond } = point
  if (loop === "closed" || offeredPerSecond === null) return label
  const place = placeOf(scenario, point)
  return `${place ? `${place}, ` : ""}open, ${formatCount(offeredPerSecond)}/s`
}

function unitsCell(role: ContenderRole, units: number): Cell {
  const verdict = units === 0 ? null : role === "broken" ? "expected" : "wrong"
  return { text: formatCount(units), verdict }
}

export interface FigureRow {
  readonly contender: string
  /** Of which of its points, where it has more than one. */
  readonly load: string | undefined
  readonly figures: readonly Figure[]
}

export interface Figure {
  readonly label: string
  readonly value: string
  readonly spread: string
}

/** What else was measured, of the points that have something to tell. */
export function figureRowsOf(scenario: ScenarioResult): readonly FigureRow[] {
  const only = onlyLoadOf(scenario)
  return scenario.contenders.flatMap((contender) =>
    contender.points
      .filter(({ figures }) => Object.keys(figures).length > 0)
      .map((point) => ({
        contender: contender.name,
        load: only ? undefined : loadOf(scenario, point),
        figures: Object.entries(point.figures).map(([name, spread]) => ({
          label: figureWords(name).label,
          value: formatFigure(name, spread),
          spread: formatRange(spread),
        })),
      })),
  )
}

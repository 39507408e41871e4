/** Which of the measured points a table, a plot or a goal speaks of. */
import type { BenchReport, ContenderResult, PointResult, ScenarioResult } from "../result.ts"
import { formatPlace } from "./format.ts"

export function scenarioOf(report: BenchReport, name: string): ScenarioResult | undefined {
  return report.scenarios.find((scenario) => scenario.name === name)
}

export function contenderOf(scenario: ScenarioResult | undefined, name: string): ContenderResult | undefined {
  return scenario?.contenders.find((contender) => contender.name === name)
}

export function limitOf(scenario: ScenarioResult | undefined): ContenderResult | undefined {
  return scenario?.contenders.find(({ role }) => role === "limit")
}

export function closedPoints(contender: ContenderResult): readonly PointResult[] {
  return contender.points.filter(({ loop }) => loop === "closed")
}

export function openPoints(contender: ContenderResult): readonly PointResult[] {
  return contender.points.filter(({ loop }) => loop === "open")
}

/** Only a closed loop looks for the highest rate. */
export function highestPoint(contender: ContenderResult | undefined): PointResult | undefined {
  const points = contender ? closedPoints(contender) : []
  return points.reduce<PointResult | undefined>(
    (highest, point) => (highest && highest.rate.median >= point.rate.median ? highest : point),
    undefined,
  )
}

export function highestRate(contender: ContenderResult | undefined): number | undefined {
  const rate = highestPoint(contender)?.rate.median
  return Number.isFinite(rate) ? rate : undefined
}

/** Undefined when either was not measured or there is nothing to divide by. */
export function ratio(numerator: number | undefined, denominator: number | undefined): number | undefined {
  return numerator === undefined || !denominator ? undefined : numerator / denominator
}

/** What the others are compared with. */
export function baselineOf(scenario: ScenarioResult): ContenderResult | undefined {
  return contenderOf(scenario, "atomic-update") ?? scenario.contenders[0]
}

const LOAD_AXES = ["callers", "connections"]

/** null: no axis. load: who asks differs. size: what is asked differs, so that a contender is compared with itself. */
export function axisKind({ axis }: ScenarioResult): "load" | "size" | null {
  if (axis === null) return null
  return LOAD_AXES.includes(axis.name) ? "load" : "size"
}

/** The point that a point is compared with, or undefined when a comparison would say nothing. */
export function comparedPoint(
  scenario: ScenarioResult,
  contender: ContenderResult,
  point: PointResult,
): PointResult | undefined {
  // In an open loop each is offered a share of its own highest rate.
  if (point.loop === "open") return undefined
  if (axisKind(scenario) === "size") return closedPoints(contender)[0]
  const baseline = baselineOf(scenario)
  return baseline && closedPoints(baseline).find(({ at, label }) => at === point.at && label === point.label)
}

/** `1M overdue holds`, for a point that has a place on the axis. */
export function placeOf({ axis }: ScenarioResult, { at }: PointResult): string | undefined {
  return axis === null || at === null ? undefined : `${formatPlace(at)} ${axis.name}`
}

/** What `comparedPoint` compares with, for the head of a column. */
export function comparedWith(scenario: ScenarioResult): string {
  if (axisKind(scenario) === "size") return "of its first"
  return `of ${baselineOf(scenario)?.name ?? "first"}`
}

export function unitsWrong(contenders: readonly ContenderResult[]): { oversold: number; leaked: number } {
  const points = contenders.flatMap((contender) => contender.points)
  return {
    oversold: points.reduce((sum, { oversold }) => sum + oversold, 0),
    leaked: points.reduce((sum, { leaked }) => sum + leaked, 0),
  }
}

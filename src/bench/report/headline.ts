/** The answer in sentences: what was reached, whether every unit is accounted for, and whether that could have been seen. */
import type { BenchReport, PointResult, ScenarioResult } from "../result.ts"
import { formatCount, formatMs, formatRounded } from "./format.ts"
import { contenderOf, highestPoint, openPoints, ratio, scenarioOf, unitsWrong } from "./select.ts"

export interface Headline {
  readonly sentence: string
  readonly facts: readonly Fact[]
}

export interface Fact {
  readonly value: string
  readonly meaning: string
  readonly verdict: "good" | "bad" | null
}

export function headlineOf(report: BenchReport): Headline {
  const scenario = scenarioOf(report, "hot") ?? report.scenarios[0]
  const subject =
    contenderOf(scenario, "batched") ?? scenario?.contenders.find(({ role }) => role === "strategy")
  const point = highestPoint(subject)
  if (!scenario || !subject || !point) return { sentence: "Nothing was measured.", facts: [] }
  const facts = [ratioFact(scenario, subject.name, point), unitsFact(report), promptFact(report)]
  const where = scenario.name === "hot" ? "on one hot stock level" : `in “${scenario.title}”`
  return {
    sentence: `${subject.name}: ${formatRounded(point.rate.median)} ${scenario.counted} a second ${where}`,
    facts: facts.filter((fact) => fact !== undefined),
  }
}

function ratioFact(scenario: ScenarioResult, subject: string, point: PointResult): Fact | undefined {
  const baseline = contenderOf(scenario, "atomic-update")
  const times = ratio(point.rate.median, highestPoint(baseline)?.rate.median)
  if (!baseline || times === undefined || subject === baseline.name) return undefined
  return {
    value: `${formatRounded(times)} x`,
    meaning: `the highest rate of ${baseline.name}, which pays for a transaction of its own with every request`,
    verdict: null,
  }
}

function unitsFact(report: BenchReport): Fact {
  const { oversold, leaked } = unitsWrong(
    report.scenarios.flatMap(({ contenders }) => contenders.filter(({ role }) => role !== "broken")),
  )
  if (oversold + leaked === 0)
    return {
      value: "0 units",
      meaning: "oversold or leaked by what is not broken on purpose, counted after every round",
      verdict: "good",
    }
  return {
    value: `${formatCount(oversold + leaked)} units`,
    meaning: `wrong: ${formatCount(oversold)} oversold and ${formatCount(leaked)} leaked by what is not broken on purpose`,
    verdict: "bad",
  }
}

function promptFact(report: BenchReport): Fact | undefined {
  const points = report.scenarios
    .filter(({ name }) => name === "http" || name === "hot")
    .flatMap((scenario) => {
      const batched = contenderOf(scenario, "batched")
      const [point] = batched ? openPoints(batched) : []
      return point?.latencyMs && point.offeredPerSecond !== null ? [{ scenario, point }] : []
    })
  const found = points.find(({ scenario }) => scenario.name === "http") ?? points[0]
  if (!found?.point.latencyMs) return undefined
  const where = found.scenario.name === "http" ? " over HTTP" : ""
  return {
    value: `${formatMs(found.point.latencyMs.p99)} ms`,
    meaning: `is what 99 of 100 stay within${where} at ${formatRounded(found.point.offeredPerSecond ?? 0)} requests a second, sent by the clock`,
    verdict: null,
  }
}

export interface Control {
  readonly sentence: string
  /** Whether the counter has been seen to work. */
  readonly works: boolean
}

/** Zeros prove something only where the same counter was seen to count; null when nothing broken took part. */
export function controlOf(report: BenchReport): Control | null {
  const places = report.scenarios.flatMap((scenario) => {
    const broken = scenario.contenders.filter(({ role }) => role === "broken")
    return broken.length === 0 ? [] : [{ title: scenario.title, ...unitsWrong(broken) }]
  })
  if (places.length === 0) return null
  const silent = places.filter(({ oversold }) => oversold === 0).map(({ title }) => `“${title}”`)
  if (silent.length > 0)
    return {
      sentence: `The broken contender was not seen to oversell in ${silent.join(" and ")}: the zeros of the others prove nothing there.`,
      works: false,
    }
  const where = places.map(({ title, oversold }) => `${formatCount(oversold)} units in “${title}”`)
  return {
    sentence: `The broken contender oversold ${where.join(" and ")}, in the same harness: the counter works.`,
    works: true,
  }
}

/** Before somebody quotes the rates of a run that was not made for that. */
export function sizeNote({ size }: BenchReport): string | null {
  if (size === "small")
    return "A run of size small, which proves that the benchmark works: its rates say little."
  if (size === "quick")
    return "A run of size quick, for a first impression: rounds are short, and rates vary."
  return null
}

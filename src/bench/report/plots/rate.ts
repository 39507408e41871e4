/** Highest rates and units oversold, side by side. */
import type { ScenarioResult } from "../../result.ts"
import { formatCount, formatNumber, formatRange, formatRatio, withRange } from "../format.ts"
import { baselineOf, highestPoint, highestRate, ratio, unitsWrong } from "../select.ts"
import { type BarRow, drawBars } from "./bars.ts"
import type { Plot } from "./plot.ts"
import { barScaleFor, linearScale } from "./scale.ts"

export function ratePlot(scenario: ScenarioResult): Plot | undefined {
  const baseline = baselineOf(scenario)
  const bars = scenario.contenders.flatMap((contender): BarRow[] => {
    const rate = highestPoint(contender)?.rate
    if (!rate) return []
    const times = contender === baseline ? undefined : ratio(rate.median, highestRate(baseline))
    const label = [formatNumber(rate.median), ...(times === undefined ? [] : [formatRatio(times)])].join(
      " · ",
    )
    return [{ ...rate, name: contender.name, role: contender.role, value: rate.median, label }]
  })
  if (bars.length < 2) return undefined
  const scale = barScaleFor(bars.flatMap(({ min, max }) => [min, max]))
  return {
    kind: "rate",
    scenario: scenario.name,
    title: `Highest rate, ${scenario.counted} a second`,
    note: [
      ...(scale.type === "log" ? [LOG_NOTE] : []),
      `“x” compares with ${baseline?.name}${bars.some(({ min, max }) => min < max) ? "; whiskers span the rounds" : ""}.`,
    ].join(" "),
    description: bars
      .map(({ name, value, min, max }) =>
        withRange(`${name} ${formatNumber(value)}`, formatRange({ median: value, min, max })),
      )
      .join("; "),
    draw: (look) =>
      drawBars({ bars: byValue(bars), scale, axisTitle: `${scenario.counted} per second` }, look),
  }
}

/** Beside what oversells, the zeros of the others mean something. */
export function oversoldPlot(scenario: ScenarioResult): Plot | undefined {
  const broken = scenario.contenders.filter(({ role }) => role === "broken")
  if (unitsWrong(broken).oversold === 0) return undefined
  const bars = scenario.contenders
    .filter(({ role }) => role !== "limit")
    .map((contender): BarRow => {
      const { oversold: value } = unitsWrong([contender])
      return {
        name: contender.name,
        role: contender.role,
        value,
        min: value,
        max: value,
        label: formatCount(value),
      }
    })
  return {
    kind: "oversold",
    scenario: scenario.name,
    title: "Units oversold, over all rounds",
    note: null,
    description: bars.map(({ name, label }) => `${name} ${label}`).join("; "),
    draw: (look) =>
      drawBars(
        {
          bars: byValue(bars),
          scale: linearScale(Math.max(...bars.map(({ value }) => value))),
          axisTitle: "units",
        },
        look,
      ),
  }
}

function byValue(bars: readonly BarRow[]): readonly BarRow[] {
  return [...bars].sort((a, b) => b.value - a.value)
}

const LOG_NOTE = "Logarithmic scale: equal lengths are equal ratios, and bars begin at no zero."

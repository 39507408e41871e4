/** Rates against what the points of a scenario differ in: how many ask, or how much there is in the tables. */
import type { ScenarioResult } from "../../result.ts"
import { formatNumber, formatPlace } from "../format.ts"
import { closedPoints } from "../select.ts"
import { drawLines, type Line, type LinePoint } from "./lines.ts"
import type { Plot, PlotKind } from "./plot.ts"
import { logScale, type Scale, scaleFor } from "./scale.ts"

export function concurrencyPlot(scenario: ScenarioResult): Plot | undefined {
  return axisPlot(scenario, "concurrency")
}

export function sizePlot(scenario: ScenarioResult): Plot | undefined {
  return axisPlot(scenario, "size")
}

function axisPlot(scenario: ScenarioResult, kind: PlotKind): Plot | undefined {
  const lines = scenario.contenders.map(lineOf).filter(({ points }) => points.length > 0)
  const places = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b)
  if (!scenario.axis || places.length < 2) return undefined
  const { name } = scenario.axis
  const placed = placesOn(places, scenario.axis.scale)
  const values = lines.flatMap(({ points }) => points.flatMap(({ min = 0, max = 0 }) => [min, max]))
  const y = { scale: scaleFor(values), title: `${scenario.counted} per second` }
  return {
    kind,
    scenario: scenario.name,
    title: `Rate against ${name}`,
    note: noteOn(placed.scale, y.scale),
    description: lines.map((line) => `${line.label} ${inWords(line, name)}`).join("; "),
    draw: (look) =>
      drawLines(
        {
          lines: lines.map((line) => ({ ...line, points: line.points.map(placed.move) })),
          x: { scale: placed.scale, title: name },
          y,
          marked: true,
        },
        look,
      ),
  }
}

function noteOn(x: Scale, y: Scale): string {
  const [across, upwards] = [x.type === "log", y.type === "log"]
  if (across && upwards) return "Whiskers span the rounds; both axes are logarithmic."
  if (across) return "Whiskers span the rounds; the axis across is logarithmic."
  return upwards ? "Whiskers span the rounds; the axis upwards is logarithmic." : "Whiskers span the rounds."
}

function lineOf(contender: ScenarioResult["contenders"][number]): Line {
  const points = closedPoints(contender)
    .flatMap(({ at, rate }) => (at === null ? [] : [{ x: at, y: rate.median, min: rate.min, max: rate.max }]))
    .sort((a, b) => a.x - b.x)
  return { contender, label: contender.name, points }
}

/** On a logarithmic axis nothing can stand at zero: then the places follow each other at equal distances. */
function placesOn(
  places: readonly number[],
  wanted: "linear" | "log",
): { scale: Scale; move: (point: LinePoint) => LinePoint } {
  const ticks = places.map((at) => ({ at, label: formatPlace(at) }))
  const first = places[0] ?? 0
  const last = places.at(-1) ?? 0
  if (wanted === "linear")
    return { scale: { type: "linear", domain: [Math.min(0, first), last], ticks }, move: (point) => point }
  if (first > 0)
    return { scale: { ...logScale(places), domain: [first, last], ticks }, move: (point) => point }
  return {
    scale: {
      type: "linear",
      domain: [0, places.length - 1],
      ticks: ticks.map(({ label }, at) => ({ at, label })),
    },
    move: (point) => ({ ...point, x: places.indexOf(point.x) }),
  }
}

function inWords({ points }: Line, axis: string): string {
  return points.map(({ x, y }) => `${formatNumber(y)} at ${formatPlace(x)} ${axis}`).join(", ")
}

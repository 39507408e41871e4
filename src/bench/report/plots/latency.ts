/** How long the slowest of a hundred, of a thousand waited: percentiles spread out towards the tail. */
import type { ContenderResult, Latency, PointResult, ScenarioResult } from "../../result.ts"
import { formatMs } from "../format.ts"
import { axisKind, highestPoint, openPoints, placeOf } from "../select.ts"
import { drawLines, type Line, type LinePoint } from "./lines.ts"
import type { Named } from "./palette.ts"
import type { Plot } from "./plot.ts"
import { logScale, type Scale } from "./scale.ts"

interface Timed {
  readonly contender: Named
  readonly label: string
  readonly latency: Latency
  readonly dashed: boolean
}

export function latencyPlot(scenario: ScenarioResult): Plot | undefined {
  // A closed loop hides queueing, so its latencies are shown only where there are no others.
  const open = axisKind(scenario) === "size" ? bySize(scenario) : byContender(scenario, firstOpenPoint)
  const isOpen = open.length > 0 || axisKind(scenario) === "size"
  const shown = isOpen ? open : byContender(scenario, highestPoint)
  const lines = shown.map(lineOf).filter(({ points }) => points.length > 1)
  if (lines.length === 0) return undefined
  return {
    kind: "latency",
    scenario: scenario.name,
    title: isOpen ? "Latency, open loop" : "Latency at the highest rate, closed loop",
    note: isOpen ? OPEN_NOTE : CLOSED_NOTE,
    description: shown.map(({ label, latency }) => `${label} ${inWords(latency)}`).join("; "),
    draw: (look) =>
      drawLines(
        {
          lines,
          x: { scale: percentileScale(lines), title: "share of requests answered within" },
          y: {
            scale: logScale(lines.flatMap(({ points }) => points.map(({ y }) => y))),
            title: "milliseconds",
          },
          marked: false,
        },
        look,
      ),
  }
}

const OPEN_NOTE =
  "Requests are sent by the clock, at a share of the contender's own highest rate; both axes are logarithmic."
const CLOSED_NOTE =
  "Callers wait for each other here, which hides queueing: no promise about latency. Both axes are logarithmic."

const firstOpenPoint = (contender: ContenderResult) => openPoints(contender)[0]

function byContender(
  { contenders }: ScenarioResult,
  pointOf: (contender: ContenderResult) => PointResult | undefined,
): readonly Timed[] {
  return contenders.flatMap((contender) => {
    const latency = pointOf(contender)?.latencyMs
    return latency ? [{ contender, label: contender.name, latency, dashed: false }] : []
  })
}

/** What differs is not who is asked but how much there is: each place has a line. */
function bySize(scenario: ScenarioResult): readonly Timed[] {
  const several = scenario.contenders.length > 1
  return scenario.contenders.flatMap((contender) =>
    openPoints(contender).flatMap((point, index) => {
      const place = placeOf(scenario, point) ?? point.label
      const label = several ? `${contender.name}, ${place}` : place
      const { latencyMs: latency } = point
      return latency ? [{ contender, label, latency, dashed: index > 0 }] : []
    }),
  )
}

const PERCENTILES = [50, 90, 99, 99.9, 99.99]
/** How many requests there are for one that is slower: 50 % is 2, 99 % is 100. */
const outOf = (percentile: number) => 1 / (1 - percentile / 100)
/** What few rounds measure beyond 99.99 % is chance. */
const OUT_OF_MAX = outOf(99.99) * (1 + 1e-9)

function lineOf({ latency, ...line }: Timed): Line {
  const points = latency.curve
    .map(([percentile, y]): LinePoint => ({ x: outOf(percentile), y }))
    .filter(({ x, y }) => x <= OUT_OF_MAX && y > 0)
  return { ...line, points }
}

function percentileScale(lines: readonly Line[]): Scale {
  const reached = Math.max(...lines.flatMap(({ points }) => points.map(({ x }) => x)))
  const end = [outOf(99), outOf(99.9)].find((value) => value >= reached) ?? OUT_OF_MAX
  const ticks = PERCENTILES.filter((percentile) => outOf(percentile) <= end).map((percentile) => ({
    at: outOf(percentile),
    label: `${percentile} %`,
  }))
  return { type: "log", domain: [1, end], ticks }
}

function inWords({ p50, p99, p999 }: Latency): string {
  return `p50 ${formatMs(p50)} ms, p99 ${formatMs(p99)} ms, p99.9 ${formatMs(p999)} ms`
}

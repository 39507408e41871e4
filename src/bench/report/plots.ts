/** Which plots a scenario calls for: by what was measured, not by its name. */
import type { ScenarioResult } from "../result.ts"
import { concurrencyPlot, sizePlot } from "./plots/axis-lines.ts"
import { latencyPlot } from "./plots/latency.ts"
import type { Plot } from "./plots/plot.ts"
import { oversoldPlot, ratePlot } from "./plots/rate.ts"
import { axisKind } from "./select.ts"

export function plotsOf(scenario: ScenarioResult): readonly Plot[] {
  const kind = axisKind(scenario)
  return [
    kind === "size" ? sizePlot(scenario) : ratePlot(scenario),
    oversoldPlot(scenario),
    kind === "load" ? concurrencyPlot(scenario) : undefined,
    latencyPlot(scenario),
  ].filter((plot) => plot !== undefined)
}

import { count, duration, rate } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"
import { Plot } from "../../ui/plot.tsx"
import type { Rates } from "./rates.ts"

/** The plots are so wide from the first second on. */
const SPAN_SECONDS_MIN = 60

/** The last minutes as lines: how much, and how fast. */
export function RatePanels({ rates }: { readonly rates: readonly Rates[] }) {
  const xs = rates.map(({ atSeconds }) => atSeconds)
  const now = xs.at(-1) ?? 0
  const ago = (x: number) => (now - x < 1 ? "now" : `-${count(Math.round(now - x))} s`)
  const latest = rates.at(-1)
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
      <Panel title="Requests a second">
        <Plot
          description={
            latest
              ? `Over the last ${Math.round(now - (xs[0] ?? now))} seconds; now ${rate(latest.reservedPerSecond)} reserved, ${rate(latest.refusedPerSecond)} refused and ${rate(latest.confirmedPerSecond)} confirmed a second`
              : "Nothing counted yet"
          }
          xs={xs}
          xSpanMin={SPAN_SECONDS_MIN}
          xLabel={ago}
          yLabel={rate}
          series={[
            {
              label: "reserved",
              color: "available",
              values: rates.map(({ reservedPerSecond }) => reservedPerSecond),
              isFilled: true,
            },
            {
              label: "confirmed",
              color: "sold",
              values: rates.map(({ confirmedPerSecond }) => confirmedPerSecond),
            },
            {
              label: "refused",
              color: "held",
              values: rates.map(({ refusedPerSecond }) => refusedPerSecond),
            },
            {
              label: "failed",
              color: "oversold",
              values: rates.map(({ failedPerSecond }) => failedPerSecond),
            },
          ]}
        />
      </Panel>
      <Panel title="How long a reserve takes">
        <Plot
          description={
            latest?.latency
              ? `Now half of them take up to ${duration(latest.latency.p50)}, and 99 of 100 up to ${duration(latest.latency.p99)}`
              : "No reserve in this second"
          }
          xs={xs}
          xSpanMin={SPAN_SECONDS_MIN}
          xLabel={ago}
          yLabel={duration}
          series={[
            { label: "p50", color: "available", values: rates.map(({ latency }) => latency?.p50 ?? null) },
            { label: "p95", color: "held", values: rates.map(({ latency }) => latency?.p95 ?? null) },
            { label: "p99", color: "oversold", values: rates.map(({ latency }) => latency?.p99 ?? null) },
          ]}
        />
      </Panel>
    </div>
  )
}

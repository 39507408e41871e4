import type { HoldsSummary, Statistics } from "earmark/client"
import type { ReactNode } from "react"
import { count, duration, rate } from "../../ui/numbers.ts"
import type { Rates } from "./rates.ts"

interface TilesProps {
  readonly rates: Rates | undefined
  readonly latest: Statistics
  readonly holds: HoldsSummary | undefined
}

/** What an operator looks at first, now. */
export function Tiles({ rates, latest, holds }: TilesProps) {
  const { transactions, pool, streams } = latest
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      <Tile name="Reserved" unit="per second">
        {rates && rate(rates.reservedPerSecond)}
      </Tile>
      <Tile name="Refused" unit="per second">
        {rates && rate(rates.refusedPerSecond)}
      </Tile>
      <Tile name="Reserve, p99" unit={rates?.latency ? "in this second" : "no reserve in this second"}>
        {rates?.latency && duration(rates.latency.p99)}
      </Tile>
      <Tile name="Held" unit={holds ? `units, in ${count(holds.holds)} holds` : "units"}>
        {holds && `${holds.isEstimate ? "~" : ""}${count(holds.units)}`}
      </Tile>
      <Tile name="Waiting" unit={`for a transaction; ${count(pool?.waiting ?? 0)} for a connection`}>
        {count(transactions.queued)}
      </Tile>
      <Tile name="Listening" unit={`${count(streams.events)} to events, ${count(streams.live)} to stock`}>
        {count(streams.events + streams.live)}
      </Tile>
    </dl>
  )
}

function Tile({ name, unit, children }: { name: string; unit: string; children: ReactNode }) {
  return (
    <div className="rounded-xl border border-line bg-panel p-3 sm:p-4">
      <dt className="text-sm font-medium text-muted">{name}</dt>
      <dd className="mt-1 text-2xl font-semibold tracking-tight">{children ?? "–"}</dd>
      <dd className="text-xs text-muted">{unit}</dd>
    </div>
  )
}

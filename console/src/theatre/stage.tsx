import type { Sale } from "earmark/client"
import type { ReactNode } from "react"
import { Badge } from "../ui/badge.tsx"
import { count, duration, rate } from "../ui/numbers.ts"
import { Panel } from "../ui/panel.tsx"
import { SalePlot } from "./sale-plot.tsx"
import { Seats } from "./seats.tsx"
import { shownAt, useReplay } from "./shown-sale.ts"
import { isOver } from "./use-theatre.ts"
import { Verdict } from "./verdict.tsx"

interface StageProps {
  readonly sale: Sale
  /** The strategy as it is announced. */
  readonly title: string
}

/** One sale: each unit, what buyers were told, how fast, and in the end what the books say. */
export function Stage({ sale, title }: StageProps) {
  const progress = useReplay(sale)
  const shown = shownAt(sale, progress)
  const isShownWhole = isOver(sale) && progress >= 1
  return (
    <Panel
      title={`${title}: ${count(sale.buyers)} buyers, ${count(sale.units)} units`}
      actions={
        <Badge>
          {shown.slowness > 1 ? `slow motion, ${Math.round(shown.slowness)} times slower` : sale.state}
        </Badge>
      }
    >
      <div className="flex flex-col gap-5">
        <Seats units={sale.units} promised={shown.reserved} />
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          <Figure name="Sold" color="text-ink">
            {count(Math.min(sale.units, shown.reserved))}
          </Figure>
          <Figure name="Refused" color="text-ink">
            {count(shown.refused)}
          </Figure>
          <Figure name="Oversold" color={shown.oversold > 0 ? "text-bad" : "text-good"}>
            {count(shown.oversold)}
          </Figure>
          <Figure name="Answers a second" color="text-ink">
            {rate(sale.perSecond)}
          </Figure>
          <Figure name="Half of them within" color="text-ink">
            {sale.latency && duration(sale.latency.p50Ms)}
          </Figure>
          <Figure name="99 of 100 within" color="text-ink">
            {sale.latency && duration(sale.latency.p99Ms)}
          </Figure>
          <Figure name="No answer" color={shown.failed > 0 ? "text-bad" : "text-ink"}>
            {count(shown.failed)}
          </Figure>
          <Figure name="Time" color="text-ink">
            {duration(shown.elapsedMs)}
          </Figure>
        </dl>
        <SalePlot sale={sale} progress={progress} />
        <div role="status">{isShownWhole && <Verdict sale={sale} />}</div>
      </div>
    </Panel>
  )
}

function Figure({ name, color, children }: { name: string; color: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className={`text-2xl font-semibold tracking-tight ${color}`}>{children ?? "–"}</dd>
    </div>
  )
}

import type { Sale } from "earmark/client"
import { duration, rate } from "../ui/numbers.ts"
import { Plot } from "../ui/plot.tsx"

const MS_PER_SECOND = 1_000
/** The service counts in finer steps, in which answers come by the batch. */
const POINTS_MAX = 40

/** Answers a second over the time of the sale. */
export function SalePlot({ sale, progress }: { readonly sale: Sale; readonly progress: number }) {
  const { reserved, refused, failed } = sale.series
  const stepsPerPoint = Math.ceil(reserved.length / POINTS_MAX)
  const pointMs = stepsPerPoint * sale.series.stepMs
  const points = Math.ceil((progress * reserved.length) / stepsPerPoint)
  const perSecond = (counts: readonly number[]) =>
    Array.from({ length: points }, (_, index) => {
      const within = counts.slice(index * stepsPerPoint, (index + 1) * stepsPerPoint)
      return (MS_PER_SECOND * within.reduce((sum, count) => sum + count, 0)) / pointMs
    })
  return (
    <Plot
      description={`Answers a second over ${duration(sale.elapsedMs)}: first the units are sold, then everybody is refused`}
      xs={Array.from({ length: points }, (_, index) => index * pointMs)}
      xLabel={duration}
      yLabel={rate}
      series={[
        { label: "sold", color: "sold", values: perSecond(reserved), isFilled: true },
        { label: "refused", color: "held", values: perSecond(refused) },
        ...(sale.failed > 0
          ? [{ label: "no answer", color: "oversold" as const, values: perSecond(failed) }]
          : []),
      ]}
    />
  )
}
